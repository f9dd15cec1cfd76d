/** The last act that can be taken back, told in one bar under every page. */
import { readonly, shallowRef } from 'vue'
import { asProblem } from '@/api/client'

interface Offer {
  text: string
  /** Without it there is only something to say. */
  undo?: () => unknown
}

const offered = shallowRef<Offer>()
const problem = shallowRef('')
const busy = shallowRef(false)

function offer(text: string, undo?: Offer['undo']) {
  problem.value = ''
  offered.value = { text, undo }
}

async function undo() {
  const now = offered.value
  if (!now?.undo || busy.value) return
  busy.value = true
  try {
    await now.undo()
    if (offered.value === now) offered.value = undefined
  } catch (reason) {
    if (offered.value === now) problem.value = asProblem(reason).message
  } finally {
    busy.value = false
  }
}

export function useUndo() {
  return {
    offered: readonly(offered),
    problem: readonly(problem),
    busy: readonly(busy),
    offer,
    undo,
    dismiss: () => (offered.value = undefined),
  }
}
