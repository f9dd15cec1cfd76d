/** What people are told of a batch that makes a sample first. */
import type { Batch, Item } from '@/api/client'

/** The name of a batch's state. One that ended after its sample is not what was asked for at first. */
export function stateKey({ state, pilot }: Batch): string {
  return state === 'completed' && pilot?.state === 'stopped' ? 'pilot.sampleOnly' : `state.batch.${state}`
}

/** It stands in the queue only once somebody has approved the sample. */
export function awaitsApproval(batch: Batch | undefined, { state, index }: Item): boolean {
  const pilot = batch?.pilot
  return state === 'queued' && !!pilot && pilot.state !== 'approved' && !pilot.indexes.includes(index)
}

/** How many of its sample are made, and of how many. */
export function sampleDone({ counts, pilot }: Batch): { n: number; of: number } {
  const of = pilot?.indexes.length ?? 0
  const left = counts.queued + counts.waiting + counts.running - (pilot?.held_back ?? 0)
  return { n: Math.max(0, of - left), of }
}
