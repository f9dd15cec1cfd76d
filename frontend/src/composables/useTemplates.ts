/** Prompts to choose from: kept templates, and those of my own earlier batches. What is chosen can be taken back. */
import { computed, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { listBatches } from '@/api/client'
import * as api from '@/api/templates'
import type { Template } from '@/api/templates'
import { useDraft } from '@/stores/draft'
import { useSession } from '@/stores/session'
import { useUndo } from '@/stores/undo'
import { variablesOf } from './promptTemplates'
import { useSubmit } from './useSubmit'

export type Tab = 'kept' | 'history'
export interface Choice {
  id: string
  prompt: string
  variables: readonly string[]
  /** Undefined: the prompt of an earlier batch. */
  template?: Template
  /** Whether I may change and delete it. */
  mine: boolean
}

const MOST_EARLIER = 30
const LOOKED_THROUGH = 100 // batches; the newest

/** Each once, in order, the newest first. */
export function distinct(prompts: readonly string[], most = MOST_EARLIER): string[] {
  return [...new Set(prompts.filter((prompt) => prompt.trim()))].slice(0, most)
}

/** Those in which each word of `asked` stands somewhere. */
export function found(choices: readonly Choice[], asked: string): Choice[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean)
  return choices.filter(({ prompt, template }) => {
    const text = `${template?.name ?? ''} ${prompt}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

export function useTemplates() {
  const { t } = useI18n()
  const { draft } = useDraft()
  const session = useSession()
  const { offer } = useUndo()
  const kept = shallowRef<readonly Template[]>([])
  const earlier = shallowRef<readonly string[]>([])
  const tab = shallowRef<Tab>('kept')
  const asked = shallowRef('')
  const loaded = shallowRef(false)
  const { busy, problem, send } = useSubmit()

  const isMine = ({ owner }: Template) => session.admin || owner.id === session.me?.id
  const choices = computed<Choice[]>(() =>
    tab.value === 'kept'
      ? kept.value.map((one) => ({ ...one, template: one, mine: isMine(one) }))
      : earlier.value.map((prompt) => ({ id: prompt, prompt, variables: variablesOf(prompt), mine: false })),
  )

  async function load() {
    loaded.value = await send(async () => {
      const [templates, batches] = await Promise.all([
        api.listTemplates(),
        listBatches({ scope: 'mine', limit: LOOKED_THROUGH }),
      ])
      kept.value = templates
      earlier.value = distinct(batches.items.map(({ prompt }) => prompt))
    })
  }

  function use({ prompt, template }: Choice) {
    const before = draft.prompt
    if (prompt === before) return
    draft.prompt = prompt
    const text = template ? t('templates.used', { name: template.name }) : t('templates.usedEarlier')
    offer(text, before.trim() ? () => (draft.prompt = before) : undefined)
  }

  return {
    tab,
    asked,
    loaded,
    busy,
    problem,
    shown: computed(() => found(choices.value, asked.value)),
    any: computed(() => choices.value.length > 0),
    load,
    use,
    remove: (id: string) =>
      send(async () => {
        await api.deleteTemplate(id)
        kept.value = kept.value.filter((one) => one.id !== id)
      }),
  }
}
