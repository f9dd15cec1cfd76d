/** The pictures that the review desk lays next to each other. */
import type { Item } from '@/api/client'
import type { DeskMode } from '@/components/desk/DeskTools.vue'
import type { Pane } from '@/components/desk/PaneStage.vue'
import { nameOf } from '@/utils/names'

type Say = (key: string) => string

export function panesOf(mode: DeskMode, item: Item, siblings: readonly Item[], t: Say): Pane[] {
  if (mode === 'variants') return siblings.flatMap((one) => variant(one, item.id))
  const { upload, result, earlier } = item
  const last = earlier.at(-1)
  return [
    ...(upload ? [{ key: upload.id, ...upload, spare: upload.thumbnail_url, label: t('viewer.before') }] : []),
    ...(last ? [{ key: last.url, ...last, label: t('desk.earlier') }] : []),
    ...(result ? [{ key: result.url, ...result, label: t('viewer.after') }] : []),
  ].map(({ key, url, width, height, label, ...more }) => ({
    key,
    url,
    width,
    height,
    label,
    ...('spare' in more && { spare: more.spare }),
  }))
}

function variant(one: Item, current: string): Pane[] {
  const shown = one.result ?? one.earlier.at(-1)
  if (!shown) return []
  const { url, width, height } = shown
  return [
    { key: one.id, url, width, height, label: nameOf(one), review: one.review, id: one.id, chosen: one.id === current },
  ]
}
