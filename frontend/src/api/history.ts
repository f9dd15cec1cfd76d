/** Earlier batches: what they were made from, and deleting them with time to think again. */
import { batchUrl, get, http, post, type Batch } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Sources = Schemas['SourcesOut']
export type Usage = Schemas['UsageOut']

export const listSources = (id: string) => get<Sources>(`${batchUrl(id)}/sources`)
export const getUsage = () => get<Usage>('/usage')
/** Hidden at once; it can be restored for a while. */
export async function deleteBatch(id: string): Promise<void> {
  await http.delete(batchUrl(id), { params: { undo: true } })
}
export const restoreBatch = (id: string) => post<Batch>(`${batchUrl(id)}/restore`)
