/** The acts that the audit log knows, in our words; the ones that came later stand there as they are. */
export const ACTS = [
  'login',
  'login.failed',
  'logout',
  'logout.everywhere',
  'password.changed',
  'password.refused',
  'user.created',
  'user.changed',
  'user.promoted',
  'user.removed',
  'user.signed_out',
  'invitation.created',
  'invitation.accepted',
  'invitation.withdrawn',
  'reset.created',
  'reset.accepted',
  'token.created',
  'token.removed',
  'batch.submit',
  'batch.rename',
  'batch.pause',
  'batch.resume',
  'batch.cancel',
  'batch.retry',
  'batch.approve',
  'batch.repeat',
  'batch.accept',
  'batch.review',
  'batch.delete',
  'batch.restore',
  'item.cancel',
  'item.retry',
  'item.accept',
  'item.review',
  'item.redo',
  'item.restore',
  'upload.delete',
  'upload.expire',
  'results.expire',
  'batch.expire',
  'sharing.team',
  'link.create',
  'link.revoke',
  'link.open',
  'budget.set',
  'template.create',
  'template.change',
  'template.delete',
] as const
export type KnownAct = (typeof ACTS)[number]

export const isKnown = (action: string): action is KnownAct => ACTS.some((one) => one === action)
/** Where the act's words stand among the messages. */
export const wordsOf = (action: KnownAct) => `audit.act.${action.replace('.', '_')}`

/** What an entry says beside the act, in one line: "role: admin, days: 7". */
export function detailsOf(details: Readonly<Record<string, unknown>>): string {
  const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}: ${plain(value)}`)
    .join(', ')
}
