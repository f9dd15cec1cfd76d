/** Small local pictures of files that are not uploaded yet, two at a time: decoding is work for a core. */
const WIDTH = 336
const PARALLEL = 2

const waiting: (() => Promise<void>)[] = []
let running = 0

/** An object URL (revoke it), or "" where this browser cannot read the format (HEIC, TIFF). */
export function thumbnailOf(file: File): Promise<string> {
  return new Promise((resolve) => {
    waiting.push(async () => resolve(await draw(file).catch(() => '')))
    next()
  })
}

function next() {
  if (running >= PARALLEL) return
  const job = waiting.shift()
  if (!job) return
  running++
  void job().finally(() => {
    running--
    next()
  })
}

async function draw(file: File): Promise<string> {
  const bitmap = await createImageBitmap(file, { resizeWidth: WIDTH, resizeQuality: 'medium' })
  const canvas = document.createElement('canvas')
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
  bitmap.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', 0.8))
  return blob ? URL.createObjectURL(blob) : ''
}
