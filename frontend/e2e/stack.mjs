/** A stack of its own for tests that need other settings than the shared one, and the providers that it calls. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = path.resolve(import.meta.dirname, '../..')

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return String(port)
}

/** The first line that a process says; what it said instead where it ends before. */
async function firstLine(child) {
  let errors = ''
  child.stderr.on('data', (data) => (errors += data))
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(errors)))
  const [line] = await Promise.race([once(lines, 'line'), ended])
  ended.catch(() => undefined) // later it ends because it is stopped
  return line
}

/** A server that speaks a provider's wire format (backend/tests/fakes). `plan`: what becomes of its next calls; `tell`:
 * any other order that it takes. */
export async function startFake(name) {
  const python = path.join(ROOT, '.venv/bin/python')
  const child = spawn(python, ['-m', `tests.fakes.${name}`, '--latency', '0.3'], { cwd: path.join(ROOT, 'backend') })
  const url = `http://127.0.0.1:${await firstLine(child)}`
  const tell = (order) => fetch(`${url}/_control`, { method: 'POST', body: JSON.stringify(order) })
  return {
    url,
    tell,
    plan: (...plan) => tell({ plan }),
    async stop() {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** The Nginx of nginx/ in front of `address`. */
export async function startProxy(address) {
  const python = path.join(ROOT, '.venv/bin/python')
  const child = spawn(python, ['-m', 'tests.proxy', new URL(address).host], { cwd: path.join(ROOT, 'backend') })
  return {
    address: `http://127.0.0.1:${await firstLine(child)}`,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

/** An S3 store with one bucket, `pictures`, and the settings that lead there. */
export async function startStore() {
  const python = path.join(ROOT, '.venv/bin/python')
  const [port, key, secret] = [await freePort(), 'AKIATESTTESTTESTTEST', 'a-secret-of-the-store-0123456789']
  const url = `http://127.0.0.1:${port}`
  const child = spawn(python, ['-m', 'tests.fakes.s3_server', port, key, secret, 'pictures'], {
    cwd: path.join(ROOT, 'backend'),
    stdio: 'ignore',
  })
  while (!(await fetch(`${url}/_door`).catch(() => null))) await new Promise((then) => setTimeout(then, 100))
  return {
    url,
    settings: {
      STORAGE_URL: 's3://pictures/pro',
      STORAGE_ENDPOINT: url,
      STORAGE_ACCESS_KEY: key,
      STORAGE_SECRET_KEY: secret,
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

/** `make run` with these settings, on a port and a folder of its own. */
export async function startStack(settings) {
  const folder = await mkdtemp(path.join(tmpdir(), 'batchgen-'))
  const env = { ...process.env, ...settings, PORT: await freePort(), VAR_DIR: path.join(folder, 'var') }
  const child = spawn('make', ['-s', '-C', ROOT, 'run'], { env, detached: true }) // a group of its own, to stop it all
  const line = await firstLine(child)
  return {
    address: /http:\/\/[^ ]+/.exec(line)[0],
    folder,
    async stop() {
      const ended = once(child, 'exit')
      process.kill(-child.pid, 'SIGINT')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
