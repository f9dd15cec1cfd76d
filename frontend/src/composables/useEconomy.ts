/** The economy lane of the draft: its times, its prices, and whether the time will do. */
import { computed, type Ref } from 'vue'
import type { BatchDraft, Model } from '@/api/client'
import type { Draft } from '@/stores/draft'
import { priceOf } from './prices'
import { useNow } from './useNow'

export type Preset = 'tonight' | 'tomorrow' | 'day'
const HOUR_MS = 3_600_000
const LEAST_AHEAD_MS = 1.5 * HOUR_MS

/** As a field for date and time has it: `2026-11-26T09:00`, in the time zone of whoever looks. */
export function localTime(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Times that people mean; tonight only while it is far enough ahead. */
export function presets(now: number): { name: Preset; at: string }[] {
  const tonight = new Date(now).setHours(23, 0, 0, 0)
  const tomorrow = new Date(now)
  tomorrow.setDate(tomorrow.getDate() + 1)
  tomorrow.setHours(9, 0, 0, 0)
  return [
    ...(tonight - now > LEAST_AHEAD_MS ? [{ name: 'tonight' as const, at: localTime(new Date(tonight)) }] : []),
    { name: 'tomorrow', at: localTime(tomorrow) },
    { name: 'day', at: localTime(new Date(now + 24 * HOUR_MS)) },
  ]
}

/** Micro-USD of one picture of that size (null: the default) made from so many images, in the economy lane. */
export function economyPrice(model: Model, size: string | null, images: number): number {
  return Math.ceil(priceOf(model, size, images) * model.batch_price)
}

/** Whether the draft goes by the economy lane: it was chosen, and the model has it. */
export function isEconomy(draft: Draft, model: Model | undefined): boolean {
  return draft.lane === 'economy' && model?.batch === true
}

/** What the lane adds to a submission. */
export function economyBody(draft: Draft): Pick<BatchDraft, 'lane' | 'needed_by' | 'full_price_ok'> {
  const time = draft.neededBy ? new Date(draft.neededBy).toISOString() : null
  return { lane: 'economy', needed_by: time, full_price_ok: draft.fullPriceOk }
}

/** `images`: sent along with each picture. */
export function useEconomy(draft: Draft, model: Readonly<Ref<Model | undefined>>, images: () => number) {
  const now = useNow()
  const chosen = computed(() => isEconomy(draft, model.value))
  const prices = computed(() => {
    const known = model.value
    if (!known) return { full: 0, cheap: 0 }
    const asked = [known, draft.size, images()] as const
    return { full: priceOf(...asked), cheap: economyPrice(...asked) }
  })
  const price = computed(() => (chosen.value ? prices.value.cheap : prices.value.full))
  const reason = computed(() => {
    if (!chosen.value) return null
    const { neededBy } = draft
    if (!neededBy) return 'economy.missing'
    return Date.parse(neededBy) > now.value ? null : 'economy.past'
  })
  return { chosen, prices, price, reason }
}
