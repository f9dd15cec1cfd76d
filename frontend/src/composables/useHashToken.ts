/** The token of a link stands behind its #, where no server sees it; it is taken out of the address at once. */
import { readonly, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export function useHashToken() {
  const route = useRoute()
  const router = useRouter()
  const token = shallowRef('')

  watch(
    () => route.hash,
    (hash) => {
      if (hash.length < 2) return
      token.value = hash.slice(1)
      void router.replace({ path: route.path, query: route.query })
    },
    { immediate: true },
  )
  return readonly(token)
}
