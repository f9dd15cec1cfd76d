/** Every batch, newest first, a page at a time; what is shown is kept current by the stream. */
import { tryOnScopeDispose, watchDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import { asProblem, listBatches, type Batch, type BatchState, type Scope } from '@/api/client'
import { useLive } from '@/stores/live'
import { useSession } from '@/stores/session'

const PAGE = 20
const TYPING_MS = 250

export function useTasks() {
  const live = useLive()
  const session = useSession()
  const words = shallowRef('')
  const state = shallowRef<BatchState>()
  const scope = shallowRef<Scope>('mine')
  const ids = shallowRef<readonly string[]>([])
  const cursor = shallowRef<string | null>(null)
  const total = shallowRef(0)
  const loading = shallowRef(true)
  const loaded = shallowRef(false)
  const problem = shallowRef('')
  let asked = 0

  async function load(more: boolean) {
    const mine = ++asked
    loading.value = true
    problem.value = ''
    try {
      const page = await listBatches({
        limit: PAGE,
        cursor: (more && cursor.value) || undefined,
        q: words.value.trim() || undefined,
        state: state.value,
        scope: session.accounts ? scope.value : undefined,
      })
      if (mine !== asked) return // typed on since
      page.items.forEach(live.putBatch)
      const found = page.items.map((one) => one.id)
      ids.value = more ? [...new Set([...ids.value, ...found])] : found
      cursor.value = page.next_cursor
      total.value = page.total
      loaded.value = true
    } catch (reason) {
      if (mine === asked) problem.value = asProblem(reason).message
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  /** A batch that was started elsewhere comes to the top, where nothing is searched for. */
  function heard(batch: Batch) {
    if (filtered.value || !loaded.value || ids.value.includes(batch.id)) return
    if (scope.value === 'team' && !batch.shared.team) return
    if (scope.value === 'mine' && session.me && batch.owner.id !== session.me.id) return
    const newest = live.batch(ids.value[0] ?? '').value
    if (newest && newest.created_at >= batch.created_at) return // an older one, not paged to yet
    ids.value = [batch.id, ...ids.value]
    total.value += 1
  }

  const filtered = computed(() => !!words.value.trim() || !!state.value)
  watchDebounced(words, () => void load(false), { debounce: TYPING_MS })
  watch([state, scope], () => void load(false))
  tryOnScopeDispose(live.onBatch(heard))
  void load(false)

  return {
    words,
    state,
    scope,
    ids,
    total,
    loading,
    loaded,
    problem,
    filtered,
    more: computed(() => cursor.value !== null),
    load: () => load(false),
    loadMore: async () => {
      if (!loading.value && cursor.value) await load(true)
    },
    drop(id: string) {
      ids.value = ids.value.filter((one) => one !== id)
      total.value -= 1
    },
    clear() {
      words.value = ''
      state.value = undefined
    },
  }
}
