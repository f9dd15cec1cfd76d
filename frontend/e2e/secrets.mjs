/** No secret of the browser tests may stand in what a stack of theirs has written: logs, Redis's files, results.
 * `node secrets.mjs folder…` looks for those of the environment, and fails where one is found. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

const NAMES = /(_API_KEY|PASSWORD|SECRET|SECRET_KEY|METRICS_TOKEN)$/
const COOKIES = /^(__Host-)?batchgen_(session|device|links)[^=]*=([^;]+)/
const SHORTEST = 12
const known = new Map()

/** Remember it; short words stand in any text, so they show nothing. */
export function noteSecret(secret, what) {
  if (secret?.length >= SHORTEST) known.set(secret, what)
}

export function noteSettings(settings) {
  for (const [name, value] of Object.entries(settings))
    if (NAMES.test(name)) for (const one of value.split(',')) noteSecret(one, name)
}

/** What of an answer's cookies opens a door. */
export function noteCookies(lines) {
  for (const line of lines) noteSecret(COOKIES.exec(line)?.[3], 'a cookie')
}

/** What the browser was handed: cookies, tokens, what stands behind the # of a link. */
export async function noteAnswer(answer) {
  if (!/\/api\/(auth|tokens|invitations|users|batches|shared)/.test(answer.url())) return
  noteCookies((await answer.headersArray().catch(() => [])).filter(isCookie).map(({ value }) => value))
  if (answer.request().method() !== 'POST' || answer.status() !== 201) return
  const text = await answer.text().catch(() => '') // the page has gone on meanwhile
  for (const [found] of text.matchAll(/bgp_[\w-]{30,}|(?<=#)[\w-]{30,}/g)) noteSecret(found, 'a token or a link')
}
const isCookie = ({ name }) => name.toLowerCase() === 'set-cookie'

/** `file: what it is`, of all secrets in all files below `folder`; the secrets themselves are not told. */
export function secretsIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      const bytes = readFileSync(file)
      return [...known].filter(([secret]) => bytes.includes(secret)).map(([, what]) => `${file}: ${what}`)
    })
}

if (import.meta.filename === process.argv[1]) {
  noteSettings(process.env)
  const found = process.argv.slice(2).flatMap(secretsIn)
  for (const line of found) console.error(`a secret stands in ${line}`)
  process.exitCode = found.length ? 1 : 0
}
