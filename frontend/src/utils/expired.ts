/** Pictures that were kept for as long as the settings say, and are deleted. */
import type { Batch } from '@/api/client'

/** Whether any picture is there to be downloaded: those that came after the deletion are. */
export function hasPictures(batch: Pick<Batch, 'counts' | 'finished_at' | 'results_expired_at'>): boolean {
  const { results_expired_at: expired, finished_at: finished } = batch
  return batch.counts.succeeded > 0 && !(expired && finished && Date.parse(finished) <= Date.parse(expired))
}
