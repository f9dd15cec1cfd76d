/** Where pictures may go on when their provider can't make them. */
import type { Policy, Provider } from '@/api/client'

export const POLICIES: readonly Policy[] = ['none', 'same_price', 'any']
export const DEMO = 'demo'

/** Whether there is another provider to go to. The demo neither gives nor takes. */
export function hasElsewhere(providers: readonly Provider[], from: Provider | undefined): boolean {
  if (!from?.available || from.id === DEMO) return false
  return providers.some(({ id, available }) => available && id !== DEMO && id !== from.id)
}
