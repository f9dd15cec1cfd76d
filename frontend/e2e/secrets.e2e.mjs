/** The search that ends each stack of the browser tests finds what it is to find. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { noteAnswer, noteCookies, noteSettings, secretsIn } from './secrets.mjs'

const TOKEN = `bgp_${'aB3-'.repeat(10)}`

const answer = {
  url: () => 'http://127.0.0.1/api/tokens',
  request: () => ({ method: () => 'POST' }),
  status: () => 201,
  headersArray: async () => [{ name: 'Set-Cookie', value: '__Host-batchgen_session=a-session-of-a-test; Path=/' }],
  text: async () => JSON.stringify({ token: TOKEN }),
}

test('keys, cookies and tokens are found by file, and nothing else is', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchgen-'))
  noteSettings({ GEMINI_API_KEY: 'first-key-of-this-test,short', PORT: '5001-5001-5001' })
  noteCookies(['batchgen_login_5001=a-state-that-travels; Path=/', 'batchgen_device_5001=a-device-of-a-test; Path=/'])
  await noteAnswer(answer)
  const told = {
    'a.log': `x first-key-of-this-test y`,
    'b.log': 'a-session-of-a-test',
    'c.aof': `\r\n${TOKEN}\r\n`,
    'd.log': 'a-device-of-a-test',
    'e.log': 'short 5001-5001-5001 a-state-that-travels',
  }
  for (const [name, text] of Object.entries(told)) await writeFile(path.join(folder, name), text)

  const found = secretsIn(folder).map((line) => path.basename(line))

  await rm(folder, { recursive: true })
  assert.deepEqual(found.sort(), [
    'a.log: GEMINI_API_KEY',
    'b.log: a cookie',
    'c.aof: a token or a link',
    'd.log: a cookie',
  ])
})
