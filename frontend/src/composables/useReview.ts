/** Going through a batch's finished pictures: what was said of each, what comes next, and the last word taken back. */
import { computed, readonly, shallowRef, toValue, triggerRef, type MaybeRefOrGetter } from 'vue'
import { asProblem, reviewItem, type Item, type Review } from '@/api/client'
import { useLive } from '@/stores/live'

interface Said {
  id: string
  before: Review
}

/** What the desk is about: pictures that are there, and those that are made once more. */
const isReviewable = (item: Item) => item.state === 'succeeded' || item.earlier.length > 0
const isOpen = (item: Item) => item.review === 'none'

export function useReview(batchId: MaybeRefOrGetter<string>) {
  const live = useLive()
  const current = shallowRef('')
  const undecidedOnly = shallowRef(false)
  const problem = shallowRef('')
  const said = shallowRef<Said[]>([])
  let sending: Promise<unknown> = Promise.resolve() // one after the other: the last word is the one that counts

  const items = computed(() => {
    const order = live.order(toValue(batchId)).value
    return order.flatMap((id) => live.item(id)?.value ?? []).filter(isReviewable)
  })
  const item = computed(() => items.value.find((one) => one.id === current.value) ?? items.value[0])
  const shown = computed(() =>
    undecidedOnly.value ? items.value.filter((one) => isOpen(one) || one.id === item.value?.id) : items.value,
  )
  const place = computed(() => shown.value.findIndex((one) => one.id === item.value?.id))
  const count = (word: Review) => items.value.filter((one) => one.review === word).length
  const open = computed(() => count('none'))

  function go(by: 1 | -1) {
    const next = shown.value[place.value + by]
    if (next) current.value = next.id
  }

  /** The next picture that waits for a word, after this one, else from the first; it stays where there is none. */
  function goOn() {
    const all = items.value
    const here = all.findIndex((one) => one.id === item.value?.id)
    const next = [...all.slice(here + 1), ...all.slice(0, here + 1)].find(
      (one) => isOpen(one) && one.state === 'succeeded',
    )
    if (next) current.value = next.id
  }

  function say(id: string, word: Review) {
    const before = live.item(id)?.value
    if (!before) return
    live.putItem({ ...before, review: word }) // at once; the server's answer is newer
    sending = sending
      .then(() => reviewItem(id, word))
      .then(live.putItem, (reason: unknown) => {
        problem.value = asProblem(reason).message
        const now = live.item(id)?.value
        if (now?.version === before.version) live.putItem(before)
      })
  }

  function decide(word: 'approved' | 'rejected') {
    const now = item.value
    if (now?.state !== 'succeeded') return
    problem.value = ''
    said.value.push({ id: now.id, before: now.review })
    triggerRef(said)
    current.value = now.id
    say(now.id, word)
    goOn()
  }

  function undo() {
    const last = said.value.pop()
    triggerRef(said)
    if (!last) return
    problem.value = ''
    current.value = last.id
    say(last.id, last.before)
  }

  return {
    items,
    shown,
    item,
    place,
    current,
    undecidedOnly,
    problem: readonly(problem),
    /** How many wait for a word, and how many have which. */
    open,
    approved: computed(() => count('approved')),
    rejected: computed(() => count('rejected')),
    undoable: computed(() => said.value.length > 0),
    go,
    goOn,
    decide,
    undo,
  }
}
