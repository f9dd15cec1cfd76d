/** Prompts with `{variables}`, read as the server reads them (domain/prompts.py; both hold to one table of cases). */

/** Always there: the image's name without its ending. */
export const FILENAME = 'filename'
export type Values = Readonly<Record<string, string>>
type Part = string | { name: string }

const TOKEN = /\{\{|\}\}|\{([^{}]{1,200})\}/gu
const NAME = /^[\p{L}\p{M}\p{N}_\- ]{1,64}$/u

export function cleanName(raw: string): string {
  return raw.normalize('NFC').replace(/^ +| +$/g, '')
}

export const isName = (name: string) => NAME.test(name)

/** Words and variables, in order. */
export function partsOf(template: string): Part[] {
  const parts: Part[] = []
  let [words, at, opened] = ['', 0, 0]
  for (const found of template.matchAll(TOKEN)) {
    const [token, inside = ''] = found
    const before = template.slice(at, found.index)
    const name = cleanName(inside)
    if (token === '{{') {
      words += `${before}{`
      opened++
    } else if (token === '}}' && opened) {
      words += `${before}}`
      opened--
    } else if (isName(name)) {
      parts.push(words + before, { name })
      words = ''
    } else continue
    at = found.index + token.length
  }
  parts.push(words + template.slice(at))
  return parts.filter((part) => part !== '')
}

const CACHED = 50
const cache = new Map<string, readonly string[]>() // a thousand rows ask for the same prompt

/** The names in use, in order, each once. */
export function variablesOf(template: string): readonly string[] {
  const known = cache.get(template)
  if (known) return known
  const names = partsOf(template).flatMap((part) => (typeof part === 'string' ? [] : [part.name]))
  const found = [...new Set(names)]
  if (cache.size >= CACHED) cache.clear()
  cache.set(template, found)
  return found
}

/** Whether what is sent differs from what is typed. */
export function isTemplate(template: string): boolean {
  const [first = '', ...rest] = partsOf(template)
  return rest.length > 0 || first !== template
}

/** Words that were sent, written so that they are sent again as they are. */
export function asTemplate(words: string): string {
  if (!isTemplate(words)) return words
  let opened = 0
  return words.replace(/[{}]/g, (brace) => {
    if (brace === '{') opened++
    else if (!opened) return brace
    else opened--
    return brace + brace
  })
}

/** Those of `values` that `template` asks for. */
export function valuesUsed(template: string, values: Values): Record<string, string> {
  const used = variablesOf(template).filter((name) => values[name]?.trim())
  return Object.fromEntries(used.map((name) => [name, values[name] ?? '']))
}

/** What `template` asks for and `values` lack. */
export function missingIn(template: string, values: Values): string[] {
  return variablesOf(template).filter((name) => name !== FILENAME && !values[name]?.trim())
}
