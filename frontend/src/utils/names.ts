/** How a picture is called, on the page and on disk. */
import type { Item } from '@/api/client'
import { i18n } from '@/locales'

export function nameOf(item: Pick<Item, 'name' | 'index'>): string {
  return item.name || i18n.global.t('results.untitled', { n: item.index + 1 })
}

/** Where a picture is saved from under a name of its own, also where it comes from another server. */
export function downloadUrl(url: string, name: string): string {
  return `${url}?download=${encodeURIComponent(name)}`
}

/** The source's name with the ending of what was made: "IMG_1.heic" becomes "IMG_1.jpg". */
export function downloadName(item: Pick<Item, 'name' | 'index' | 'result'>): string {
  const stem = nameOf(item).replace(/\.[a-z0-9]{2,5}$/i, '')
  const format = item.result?.format ?? 'png'
  return `${stem}.${format === 'jpeg' ? 'jpg' : format}`
}
