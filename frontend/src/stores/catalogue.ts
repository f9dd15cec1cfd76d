/** Which providers, models and limits the server offers. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { asProblem, getLimits, listProviders, type Limits, type Provider } from '@/api/client'

export const useCatalogue = defineStore('catalogue', () => {
  const providers = shallowRef<Provider[]>([])
  const limits = shallowRef<Limits>()
  const problem = shallowRef('')
  const loading = shallowRef(false)

  async function load() {
    loading.value = true
    problem.value = ''
    try {
      const [offered, bounds] = await Promise.all([listProviders(), getLimits()])
      providers.value = offered
      limits.value = bounds
    } catch (reason) {
      problem.value = asProblem(reason).message
    } finally {
      loading.value = false
    }
  }

  let looking: Promise<void> | undefined

  /** What is shown, anew; in vain it stays as it is. Those who ask meanwhile share the answer. */
  async function refresh() {
    if (limits.value === undefined) return
    looking ??= listProviders()
      .then((offered) => void (providers.value = offered))
      .catch(() => undefined)
      .finally(() => (looking = undefined))
    await looking
  }

  /** The provider of that id, else the one that is used by default. */
  function provider(id: string | null): Provider | undefined {
    const all = providers.value
    return all.find((one) => one.id === id) ?? all.find((one) => one.default) ?? all.find((one) => one.available)
  }

  function model(providerId: string | null, modelId: string | null) {
    const models = provider(providerId)?.models ?? []
    return models.find((one) => one.id === modelId) ?? models.find((one) => one.default) ?? models[0]
  }

  return {
    providers,
    limits,
    problem,
    loading,
    loaded: computed(() => limits.value !== undefined),
    load,
    refresh,
    provider,
    model,
  }
})
