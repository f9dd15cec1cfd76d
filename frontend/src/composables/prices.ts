/** What a picture costs, by the model's own table. */
import type { Model } from '@/api/client'

/** Micro-USD of one picture of that size (null: the default) made from so many images. */
export function priceOf(model: Model, size: string | null, images: number): number {
  const own = model.prices.find((one) => one.size === size)
  return (own?.price_micros ?? model.price_micros) + images * model.input_price_micros
}

/** The cheapest and the dearest size. */
export function priceRange(model: Model): [low: number, high: number] {
  const all = model.prices.map((one) => one.price_micros)
  return all.length ? [Math.min(...all), Math.max(...all)] : [model.price_micros, model.price_micros]
}
