import { expect, test, vi } from 'vitest'
import type { Listing } from '@/api/accounts'
import { ApiProblem } from '@/api/client'
import { aPerson } from '@/testing/people'
import { later } from '@/testing/fakes'
import { usePages } from './usePages'

type Answer = Listing<ReturnType<typeof aPerson>>
const page = (ids: string[], next_cursor: string | null = null): Answer => ({
  items: ids.map((id) => aPerson(id)),
  next_cursor,
})
const idsOf = (pages: ReturnType<typeof usePages<ReturnType<typeof aPerson>>>) => pages.items.value.map(({ id }) => id)

test('a further page follows the first, and what moved meanwhile stands there once', async () => {
  const ask = vi
    .fn<(cursor?: string) => Promise<Answer>>()
    .mockResolvedValueOnce(page(['a', 'b'], 'c2'))
    .mockResolvedValueOnce(page(['b', 'c']))
  const pages = usePages(ask)
  await pages.load()
  expect(pages.more.value).toBe(true)
  await pages.loadMore()
  expect(ask.mock.calls).toEqual([[undefined], ['c2']])
  expect([idsOf(pages), pages.more.value]).toEqual([['a', 'b', 'c'], false])
  await pages.loadMore()
  expect(ask).toHaveBeenCalledTimes(2)
})

test('the answer to an older question does not replace a newer one', async () => {
  const [slow, fast] = [later<Answer>(), later<Answer>()]
  const ask = vi.fn().mockReturnValueOnce(slow.promise).mockReturnValueOnce(fast.promise)
  const pages = usePages<ReturnType<typeof aPerson>>(ask)
  const both = [pages.load(), pages.load()]
  fast.resolve(page(['new']))
  slow.resolve(page(['old']))
  await Promise.all(both)
  expect(idsOf(pages)).toEqual(['new'])
})

test('in vain, what was known stays in sight beside the problem', async () => {
  const ask = vi
    .fn()
    .mockResolvedValueOnce(page(['a']))
    .mockRejectedValueOnce(new ApiProblem(503, 'state_unavailable', 'recovering'))
  const pages = usePages<ReturnType<typeof aPerson>>(ask)
  await pages.load()
  await pages.load()
  expect([idsOf(pages), pages.problem.value, pages.loading.value]).toEqual([['a'], 'recovering', false])
})
