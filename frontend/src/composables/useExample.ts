/** The example for a first visit: three drawn photos, a prompt, and the painter that costs nothing. */
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import cup from '@/assets/samples/cup.jpg'
import lamp from '@/assets/samples/lamp.jpg'
import plant from '@/assets/samples/plant.jpg'
import { useCatalogue } from '@/stores/catalogue'
import { useDraft } from '@/stores/draft'
import { DEMO } from '@/utils/policy'
import { useUploads } from './useUploads'

const SAMPLES = { 'cup.jpg': cup, 'lamp.jpg': lamp, 'plant.jpg': plant }
const KEY = 'batchgen.welcomed'

async function fileOf([name, url]: [string, string]): Promise<File> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(name)
  return new File([await answer.blob()], name, { type: 'image/jpeg', lastModified: 0 })
}

function wasWelcomed(): boolean {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return true // nothing is kept here: better never than every time
  }
}

export function useExample() {
  const { t } = useI18n()
  const { draft } = useDraft()
  const catalogue = useCatalogue()
  const { images } = useUploads()
  const first = shallowRef(!wasWelcomed())
  const busy = shallowRef(false)
  const failed = shallowRef(false)

  function welcomed() {
    first.value = false
    try {
      localStorage.setItem(KEY, '1')
    } catch {
      // then it comes again
    }
  }

  /** True: it is laid out in the workspace. */
  async function fill(): Promise<boolean> {
    busy.value = true
    failed.value = false
    try {
      images.add(await Promise.all(Object.entries(SAMPLES).map(fileOf)))
      draft.prompt ||= t('welcome.prompt')
      if (catalogue.provider(DEMO)?.available) Object.assign(draft, { provider: DEMO, model: null, policy: 'none' })
      welcomed()
      return true
    } catch {
      failed.value = true
      return false
    } finally {
      busy.value = false
    }
  }

  return { first, busy, failed, welcomed, fill }
}
