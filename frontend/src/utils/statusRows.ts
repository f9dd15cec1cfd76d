/** What the status page says of the system's parts, of keys and of models. */
import type { Hold, ProviderState } from '@/api/client'
import { i18n } from '@/locales'
import { holdKind, holdTimes, isOver } from './holds'

export type Tone = 'ok' | 'warn' | 'bad'
export interface StatusRow {
  id: string
  name: string
  tone: Tone
  words: string
}

const PARTS: Record<string, Record<string, Tone>> = {
  redis: { ok: 'ok', down: 'bad' },
  storage: { ok: 'ok', low: 'bad', full: 'bad', down: 'bad' },
  workers: { ok: 'ok', none: 'bad' },
  providers: { ok: 'ok', demo: 'warn', resting: 'warn' },
}

/** The parts that we know, in their order. A word that we don't know says nothing. */
export function partRows(checks: Readonly<Record<string, string>>): StatusRow[] {
  const { t } = i18n.global
  return Object.entries(PARTS)
    .filter(([part]) => part in checks)
    .map(([part, known]) => {
      const word = checks[part] ?? ''
      const tone = known[word]
      return {
        id: part,
        name: t(`status.${part}.name`),
        tone: tone ?? 'warn',
        words: tone ? t(`status.${part}.${word}`) : t('status.unclear'),
      }
    })
}

/** A provider's keys, then its models that stand still. `nameOf`: how a model is called. */
export function providerRows(
  { keys, holds }: ProviderState,
  nameOf: (model: string) => string,
  now: number,
): StatusRow[] {
  const { t } = i18n.global
  const rows = keys.map(({ tail, rest }, i) => ({
    id: `key-${i}`,
    name: tail ? t('status.keyTail', { n: i + 1, tail }) : t('status.key', { n: i + 1 }),
    ...restOf(rest, now),
  }))
  if (!rows.length) rows.push({ id: 'no-key', name: t('status.noKey'), ...restOf(null, now) })
  const still = holds
    .filter(({ hold }) => !isOver(hold, now))
    .map(({ model, hold }) => ({ id: model, name: nameOf(model), ...restOf(hold, now) }))
  return [...rows, ...still]
}

function restOf(rest: Hold | null, now: number): Pick<StatusRow, 'tone' | 'words'> {
  const { t } = i18n.global
  if (!rest || isOver(rest, now)) return { tone: 'ok', words: t('status.inUse') }
  const kind = holdKind(rest.category)
  return { tone: kind === 'auth' ? 'bad' : 'warn', words: t(`status.rest.${kind}`, holdTimes(rest, now)) }
}
