import { flushPromises } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { ApiProblem, type Upload } from '@/api/client'
import { aFile, anUpload, later } from '@/testing/fakes'
import { createUploads } from './uploadQueue'

const LIMITS = { max_upload_mb: 1, max_megapixels: 50, max_batch_items: 100, max_prompt_characters: 100 }

function world(most = 100) {
  const calls: {
    file: File
    answer: ReturnType<typeof later<Upload>>
    signal?: AbortSignal
    progress?: (n: number) => void
  }[] = []
  const forget = vi.fn()
  const uploads = createUploads({
    limits: () => LIMITS,
    most: () => most,
    forget,
    thumbnail: () => Promise.resolve(''),
    pause: () => Promise.resolve(),
    upload: (file, { signal, onProgress } = {}) => {
      const answer = later<Upload>()
      calls.push({ file, answer, signal, progress: onProgress })
      return answer.promise
    },
  })
  const states = () => uploads.tiles.value.map((tile) => tile.state).join(' ')
  return { uploads, calls, forget, states }
}
const refusal = new ApiProblem(415, 'unsupported_format', 'not supported')
const outage = new ApiProblem(0, 'offline', 'no network')

test('three at a time, in order, and the next as one ends', async () => {
  const { uploads, calls, states } = world()
  uploads.add(['a', 'b', 'c', 'd'].map((name) => aFile(`${name}.jpg`)))
  expect(calls.map(({ file }) => file.name)).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
  calls[1]!.answer.resolve(anUpload('ub'))
  await flushPromises()
  expect(calls).toHaveLength(4)
  expect(states()).toBe('uploading done uploading uploading')
  expect(uploads.counts).toMatchObject({ waiting: 0, uploading: 3, done: 1, failed: 0 })
})

test('progress shows on its own tile', () => {
  const { uploads, calls } = world()
  uploads.add([aFile('a.jpg'), aFile('b.jpg')])
  calls[1]!.progress?.(0.4)
  expect(uploads.tiles.value.map((tile) => tile.progress)).toEqual([0, 0.4])
})

test('a refused file keeps the sentence of the server, the others go on', async () => {
  const { uploads, calls, states } = world()
  uploads.add([aFile('a.jpg'), aFile('b.jpg')])
  calls[0]!.answer.reject(refusal)
  calls[1]!.answer.resolve(anUpload('ub'))
  await flushPromises()
  expect(states()).toBe('failed done')
  expect(uploads.tiles.value[0]).toMatchObject({ problem: 'not supported', retryable: false })
})

test('what passes by itself is tried twice more, then offered for retry', async () => {
  const { uploads, calls, states } = world()
  uploads.add([aFile('a.jpg')])
  for (let n = 0; n < 3; n++) {
    calls[n]!.answer.reject(outage)
    await flushPromises()
  }
  expect(calls).toHaveLength(3)
  expect(states()).toBe('failed')
  uploads.retryFailed()
  expect(states()).toBe('uploading')
  calls[3]!.answer.resolve(anUpload('ua'))
  await flushPromises()
  expect(uploads.tiles.value[0]).toMatchObject({ state: 'done', problem: '', uploadId: 'ua' })
})

test('too large is told at once and never sent', () => {
  const { uploads, calls } = world()
  uploads.add([aFile('big.jpg', 'image/jpeg', 1024 * 1024 + 1)])
  expect(calls).toHaveLength(0)
  expect(uploads.tiles.value[0]).toMatchObject({ state: 'failed', retryable: false })
  expect(uploads.tiles.value[0]!.problem).toContain('1 MB')
})

test('what is no image, is there twice or is too many is left out and counted', () => {
  const { uploads } = world(2)
  uploads.add([aFile('notes.txt', 'text/plain'), aFile('a.jpg'), aFile('a.jpg'), aFile('b.heic', ''), aFile('c.jpg')])
  expect(uploads.tiles.value.map((tile) => tile.name)).toEqual(['a.jpg', 'b.heic'])
  expect(uploads.skipped.value).toEqual({ notImages: 1, twice: 1, tooMany: 1 })
})

test('the same bytes under another name are kept once', async () => {
  const { uploads, calls } = world()
  uploads.add([aFile('a.jpg'), aFile('copy.jpg')])
  calls[0]!.answer.resolve(anUpload('same'))
  calls[1]!.answer.resolve(anUpload('same'))
  await flushPromises()
  expect(uploads.tiles.value.map((tile) => tile.name)).toEqual(['a.jpg'])
  expect(uploads.skipped.value.twice).toBe(1)
  expect(uploads.counts.done).toBe(1)
})

test('removing stops what is on its way, frees its place, and lets the server forget what it has', async () => {
  const { uploads, calls, forget } = world()
  uploads.add(['a', 'b', 'c', 'd'].map((name) => aFile(`${name}.jpg`)))
  uploads.remove(uploads.tiles.value[0]!)
  expect(calls[0]!.signal?.aborted).toBe(true)
  calls[0]!.answer.reject(new ApiProblem(0, 'cancelled', ''))
  calls[1]!.answer.resolve(anUpload('ub'))
  await flushPromises()
  expect(calls).toHaveLength(4)
  uploads.remove(uploads.tiles.value[0]!)
  expect(forget).toHaveBeenCalledExactlyOnceWith('ub')
  uploads.clear()
  expect(uploads.tiles.value).toEqual([])
  expect(Object.values(uploads.counts)).toEqual([0, 0, 0, 0])
})

test('images of an earlier visit come back done; one that the server lost says so', () => {
  const { uploads } = world()
  uploads.restore([{ id: 'u1', name: 'a.jpg', thumbnail_url: '/static/thumbnails/u1.webp', prompt: 'own' }])
  const tile = uploads.tiles.value[0]!
  expect(tile).toMatchObject({ state: 'done', uploadId: 'u1', prompt: 'own' })
  uploads.gone(tile, 'not here')
  expect(tile).toMatchObject({ state: 'failed', problem: 'not here', retryable: false })
})
