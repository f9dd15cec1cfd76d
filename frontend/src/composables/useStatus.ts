/** How the system, its providers and their keys are doing, read again every few seconds while somebody looks. */
import { useDocumentVisibility, useIntervalFn } from '@vueuse/core'
import { shallowRef, watch } from 'vue'
import { asProblem, getHealth, listProviderStates, type Health, type ProviderState } from '@/api/client'

const REREAD_MS = 5000
const NOT_FOR_YOU = 403

export function useStatus() {
  const health = shallowRef<Health>()
  const providers = shallowRef<readonly ProviderState[]>()
  const problem = shallowRef('')
  const providersProblem = shallowRef('')
  const visible = useDocumentVisibility()
  let reading = false

  async function readHealth() {
    try {
      health.value = await getHealth()
      problem.value = ''
    } catch (reason) {
      problem.value = asProblem(reason).message
    }
  }

  async function readProviders() {
    try {
      providers.value = await listProviderStates()
      providersProblem.value = ''
    } catch (reason) {
      const { status, message } = asProblem(reason)
      providersProblem.value = status === NOT_FOR_YOU ? '' : message
    }
  }

  async function load() {
    if (reading || visible.value === 'hidden') return
    reading = true
    await Promise.all([readHealth(), readProviders()])
    reading = false
  }

  useIntervalFn(() => void load(), REREAD_MS)
  watch(visible, () => void load(), { immediate: true })
  return { health, providers, problem, providersProblem, load }
}
