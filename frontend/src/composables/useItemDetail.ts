/** The attempts of a picture, read again whenever it changes. */
import { shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { asProblem, getItem, type Item, type ItemDetail } from '@/api/client'

export function useItemDetail(item: MaybeRefOrGetter<Item>) {
  const attempts = shallowRef<ItemDetail['attempt_log']>([])
  const problem = shallowRef('')

  watch(
    () => [toValue(item).id, toValue(item).version] as const,
    async ([id, version], before) => {
      if (id !== before?.[0]) attempts.value = []
      const still = () => toValue(item).id === id && toValue(item).version === version
      try {
        const { attempt_log } = await getItem(id)
        if (!still()) return
        attempts.value = attempt_log
        problem.value = ''
      } catch (reason) {
        if (still()) problem.value = asProblem(reason).message
      }
    },
    { immediate: true },
  )
  return { attempts, problem }
}
