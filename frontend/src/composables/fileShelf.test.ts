import { expect, test, vi } from 'vitest'
import { aFile } from '@/testing/fakes'
import { folderOf } from './droppedFiles'
import type { Found } from './fileShelf'
import { createTiles } from './uploadTiles'

const kept = new Map<string, unknown>()
vi.mock('idb-keyval', () => ({
  createStore: () => undefined,
  setMany: (pairs: [string, unknown][]) => Promise.resolve(pairs.forEach(([key, value]) => kept.set(key, value))),
  delMany: (keys: string[]) => Promise.resolve(keys.forEach((key) => kept.delete(key))),
  entries: () => Promise.resolve([...kept].map(([key, one]) => [key, cloned(one)])),
}))
const { createShelf } = await import('./fileShelf')
// as the browser gives it back: another object, without its folder
const cloned = (one: unknown) => ({ ...(one as object), file: new File([], (one as { file: File }).file.name) })
const settled = () => new Promise((done) => setTimeout(done))

function world() {
  kept.clear()
  const list = createTiles()
  const tiles = ['a.jpg', 'b.jpg'].map((name) => list.make(name, aFile(name), 'waiting', 'shoes'))
  list.append(tiles)
  return { list, tiles, shelf: createShelf('ann') }
}

test('what waits is kept, what is on the server or refused for good is not', async () => {
  const { list, tiles, shelf } = world()
  shelf.sync({ images: list.tiles.value })
  await settled()
  expect(kept.size).toBe(2)
  list.move(tiles[0]!, 'done')
  list.fail(tiles[1]!, 'no network', true)
  shelf.sync({ images: list.tiles.value })
  await settled()
  expect(kept.size).toBe(1) // it can be sent again
  list.fail(tiles[1]!, 'too large', false)
  shelf.sync({ images: list.tiles.value })
  await settled()
  expect(kept.size).toBe(0)
})

test('the next visit finds what the one before left, in its order and its list, once', async () => {
  const { list, shelf } = world()
  shelf.sync({ images: list.tiles.value, references: [] })
  await settled()
  const found: Found[] = []
  const next = createShelf('ann')
  expect(await next.takeLeft((some) => found.push(some))).toBe(2)
  expect(found.map(({ list, files }) => [list, files.map(({ name }) => name)])).toEqual([
    ['images', ['a.jpg', 'b.jpg']],
  ])
  expect(found.flatMap(({ files }) => files.map(folderOf))).toEqual(['shoes', 'shoes'])
  await settled()
  expect(await createShelf('ann').takeLeft(() => undefined)).toBe(0)
})
