import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import * as client from '@/api/client'
import { aModel, aProvider } from '@/testing/fakes'
import { useCatalogue } from './catalogue'

vi.mock('@/api/client', { spy: true })
const list = vi.mocked(client.listProviders)
const limits = vi.mocked(client.getLimits)

beforeEach(() => {
  setActivePinia(createPinia())
  list.mockReset().mockResolvedValue([aProvider()])
  limits
    .mockReset()
    .mockResolvedValue({ max_upload_mb: 20, max_megapixels: 50, max_batch_items: 9, max_prompt_characters: 9 })
})

test('a refresh shows what has changed, and asks for nothing that was never shown', async () => {
  const catalogue = useCatalogue()
  await catalogue.refresh()
  expect(list).not.toHaveBeenCalled()

  await catalogue.load()
  list.mockResolvedValue([aProvider({ default_model: 'other' })])
  await catalogue.refresh()
  expect(catalogue.providers[0]?.default_model).toBe('other')
})

test('a refresh in vain leaves what is there and says nothing', async () => {
  const catalogue = useCatalogue()
  await catalogue.load()
  list.mockRejectedValue(new Error('away'))
  await catalogue.refresh()
  expect(catalogue.providers).toHaveLength(1)
  expect(catalogue.problem).toBe('')
})

test('several who ask at once ask once', async () => {
  const catalogue = useCatalogue()
  await catalogue.load()
  await Promise.all([catalogue.refresh(), catalogue.refresh(), catalogue.refresh()])
  expect(list).toHaveBeenCalledTimes(2)
})

test('a chosen model that is offline stays chosen, so that it can be told; the default is one that is there', async () => {
  const models = [aModel({ id: 'old', default: false, available: false }), aModel({ id: 'new' })]
  list.mockResolvedValue([aProvider({ models, default_model: 'new' })])
  const catalogue = useCatalogue()
  await catalogue.load()
  expect(catalogue.model('demo', 'old')?.id).toBe('old')
  expect(catalogue.model('demo', null)?.id).toBe('new')
})
