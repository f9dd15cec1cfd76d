const folders = new WeakMap<File, string>() // of those that were dropped within one

/** The folder that a file was picked or dropped with, such as `shoes/red`; "" for none. */
export function folderOf(file: File): string {
  return folders.get(file) ?? above((file as Partial<File>).webkitRelativePath) // not every phone has it
}

/** A file that came back without its folder. */
export function withFolder(file: File, folder = ''): File {
  if (folder) folders.set(file, folder)
  return file
}

const above = (path = '') => path.split('/').filter(Boolean).slice(0, -1).join('/')

/** The files of a drop or paste, those in folders too. */
export function filesFrom(transfer: DataTransfer): Promise<File[]> {
  // entries must be taken now: after the first await the browser has emptied the transfer
  const sources = Array.from(transfer.items)
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  if (!sources.length) return Promise.resolve(Array.from(transfer.files))
  return Promise.all(sources.map(({ entry, file }) => (entry?.isDirectory ? inside(entry) : one(file)))).then((found) =>
    found.flat(),
  )
}

function one(file: File | null): Promise<File[]> {
  return Promise.resolve(file ? [file] : [])
}

async function inside(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null)),
    )
    if (file) folders.set(file, above(entry.fullPath))
    return one(file)
  }
  const entries = await entriesOf(entry as FileSystemDirectoryEntry)
  entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
  return (await Promise.all(entries.map(inside))).flat()
}

/** A folder hands out a hundred at a time, until it hands out none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])))
    if (!some.length) return all
    all.push(...some)
  }
}

const ENDINGS = /\.(jpe?g|png|webp|hei[cf]|avif|bmp|tiff?|gif)$/i
const TABLES = /\.(csv|tsv|xlsx|xlsm)$/i
export const ACCEPT_TABLE = '.csv,.tsv,.xlsx,.xlsm'
/** For the file dialog: by type or by ending, as some systems know no type for HEIC. */
export const ACCEPT = `image/*,.heic,.heif,.avif,.tif,.tiff,${ACCEPT_TABLE}`

export const looksLikeTable = (file: File) => TABLES.test(file.name)

export function looksLikeImage(file: File): boolean {
  return file.type.startsWith('image/') || ENDINGS.test(file.name)
}
