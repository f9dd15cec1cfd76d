/** What Nginx sends as it lies (frontend/Dockerfile): beside each text a .gz, and beside each script and style a .br. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const SMALLEST = 1024
const folder = process.argv[2]

for (const name of readdirSync(folder, { recursive: true })) {
  const path = `${folder}/${name}`
  const ending = name.slice(name.lastIndexOf('.'))
  if (!['.js', '.css', '.svg', '.html'].includes(ending)) continue
  const text = readFileSync(path)
  if (text.length < SMALLEST) continue
  writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
  if (ending === '.js' || ending === '.css')
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }),
    )
}
