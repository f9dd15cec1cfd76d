import { expect, test } from 'vitest'
import { aFile } from '@/testing/fakes'
import { filesFrom, folderOf, looksLikeImage } from './droppedFiles'

const entryOfFile = (name: string, fullPath?: string) => ({
  fullPath,
  isFile: true,
  isDirectory: false,
  name,
  file: (give: (f: File) => void) => give(aFile(name)),
})

function folder(name: string, entries: { name: string }[]) {
  const rest = [...entries]
  const readEntries = (give: (some: unknown[]) => void) => give(rest.splice(0, 100))
  return { isFile: false, isDirectory: true, name, createReader: () => ({ readEntries }) }
}

function transfer(entries: { name: string; isFile: boolean }[]) {
  const items = entries.map((entry) => ({
    kind: 'file',
    webkitGetAsEntry: () => entry,
    getAsFile: () => (entry.isFile ? aFile(entry.name) : null),
  }))
  return { items, files: [] } as unknown as DataTransfer
}

test('folders are read to their end, however many hundreds, and in natural order', async () => {
  const many = Array.from({ length: 250 }, (_, n) => entryOfFile(`${250 - n}.jpg`))
  const files = await filesFrom(
    transfer([entryOfFile('first.jpg'), folder('f', [...many, folder('sub', [entryOfFile('deep.png')])])]),
  )
  expect(files).toHaveLength(252)
  expect(files.slice(0, 4).map((file) => file.name)).toEqual(['first.jpg', '1.jpg', '2.jpg', '3.jpg'])
  expect(files.at(-1)?.name).toBe('deep.png')
})

test('a file knows the folder that it came with', async () => {
  const [plain, deep] = await filesFrom(
    transfer([entryOfFile('a.jpg'), folder('shoes', [folder('red', [entryOfFile('b.jpg', '/shoes/red/b.jpg')])])]),
  )
  const picked = Object.assign(aFile('c.jpg'), { webkitRelativePath: 'bags/c.jpg' })
  expect([plain, deep, picked].map((file) => file && folderOf(file))).toEqual(['', 'shoes/red', 'bags'])
})

test('an image is one by its type or by its ending', () => {
  expect(looksLikeImage(aFile('x', 'image/png'))).toBe(true)
  expect(looksLikeImage(aFile('photo.HEIC', ''))).toBe(true)
  expect(looksLikeImage(aFile('.DS_Store', ''))).toBe(false)
})
