import { expect, test } from 'vitest'
import { i18n, setLanguage } from '.'

const words = import.meta.glob<string>('./*.json', { query: '?raw', import: 'default', eager: true })
const sources = Object.entries(
  import.meta.glob<string>(['../**/*.vue', '../**/*.ts', '!../**/*.test.ts', '!../api/schema.d.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
)
const code = sources.map(([, text]) => text).join('\n')

type Tree = { [key: string]: string | Tree }

function keysOf(tree: Tree, before = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [before + key] : keysOf(value, `${before}${key}.`),
  )
}
const tree = (file: string) => JSON.parse(words[`./${file}.json`] ?? '') as Tree
const keys = (file: string) => keysOf(tree(file)).sort()
const files = [
  '',
  '.results',
  '.status',
  '.variables',
  '.notices',
  '.pilot',
  '.spend',
  '.economy',
  '.account',
  '.desk',
  '.history',
  '.templates',
  '.welcome',
]
const all = files.flatMap((file) => keys(`zh-CN${file}`))

test('both languages say the same things', () => {
  for (const file of files) expect(keys(`en${file}`)).toEqual(keys(`zh-CN${file}`))
})

test('the files of a language share no name', () => {
  const names = files.flatMap((file) => Object.keys(tree(`zh-CN${file}`)))
  expect(names).toEqual([...new Set(names)])
})

test('both languages fill in the same values', () => {
  const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
  const at = (file: string, key: string) =>
    key.split('.').reduce<Tree | string>((now, part) => (now as Tree)[part]!, tree(file)) as string
  for (const file of files)
    for (const key of keys(`zh-CN${file}`))
      expect([key, holes(at(`en${file}`, key))]).toEqual([key, holes(at(`zh-CN${file}`, key))])
})

test('every sentence is used, and every one used is there', () => {
  const prefixes = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix ?? '')
  const unused = all.filter(
    (key) => !new RegExp(`['"\`]${key}['"\`]`).test(code) && !prefixes.some((prefix) => key.startsWith(prefix)),
  )
  const called = [...code.matchAll(/\bt\(\s*['"]([\w.]+)['"]/g)].map(([, key]) => key ?? '')
  expect(unused).toEqual([])
  expect(called.filter((key) => !all.includes(key))).toEqual([])
})

test('no Chinese stands in the code', () => {
  expect(sources.filter(([, text]) => /[\u3400-\u9fff]/.test(text)).map(([path]) => path)).toEqual([])
})

test('English is loaded when it is asked for', async () => {
  await setLanguage('en')
  expect(i18n.global.t('nav.workspace')).toBe('Workspace')
  expect(document.documentElement.lang).toBe('en')
  await setLanguage('zh-CN')
  expect(i18n.global.t('nav.workspace')).toBe('工作台')
})
