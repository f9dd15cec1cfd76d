/** Every batch, newest first, a page at a time; what is shown is kept current by the stream. */
import { tryOnScopeDispose, watchDebounced } from '@vueuse/core'
import { computed, shallowRef, watch } from 'vue'
import { asProblem, listBatches, type Batch, type BatchState, type Page, type Scope } from '@/api/client'
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
  const loading = shallowRef(true)
  const loaded = shallowRef(false)
  const problem = shallowRef('')
  let asked = 0

  async function load(more: boolean) {
    const mine = ++asked
    loading.value = true
    problem.value = ''
    try {
      if (!more) cursor.value = null
      for (let wanted = PAGE, first = !more; wanted > 0 && mine === asked; first = false) {
        const page = await ask(wanted)
        if (mine !== asked) return // typed on since
        take(page, first)
        wanted = cursor.value ? wanted - page.items.length : 0 // a search comes in stretches, some of them empty
      }
    } catch (reason) {
      if (mine === asked) problem.value = asProblem(reason).message
    } finally {
      if (mine === asked) loading.value = false
    }
  }

  const ask = (limit: number) =>
    listBatches({
      limit,
      cursor: cursor.value ?? undefined,
      q: words.value.trim() || undefined,
      state: state.value,
      scope: session.accounts ? scope.value : undefined,
    })

  function take(page: Page<Batch>, first: boolean) {
    page.items.forEach(live.putBatch)
    live.flush()
    const found = page.items.map((one) => one.id)
    ids.value = first ? found : [...new Set([...ids.value, ...found])]
    cursor.value = page.next_cursor
    loaded.value = true
  }

  /** A batch that was started elsewhere, or brought back, comes to its place, where nothing is searched for. */
  function heard(batch: Batch) {
    if (filtered.value || !loaded.value || ids.value.includes(batch.id)) return
    if (scope.value === 'team' && !batch.shared.team) return
    if (scope.value === 'mine' && session.me && batch.owner.id !== session.me.id) return
    const older = ids.value.findIndex((id) => (live.batch(id).value?.created_at ?? '~') < batch.created_at)
    if (older < 0 && cursor.value) return // not paged to yet
    ids.value = ids.value.toSpliced(older < 0 ? ids.value.length : older, 0, batch.id)
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
    /** Those that are still there. */
    ids: computed(() => ids.value.filter((id) => live.batch(id).value)),
    loading,
    loaded,
    problem,
    filtered,
    more: computed(() => cursor.value !== null),
    load: () => load(false),
    loadMore: async () => {
      if (!loading.value && cursor.value) await load(true)
    },
    clear() {
      words.value = ''
      state.value = undefined
    },
  }
}
