/** The acts that the audit log knows, in our words; the ones that came later stand there as they are. */
export const NOUNS = ['session', 'user', 'invitation', 'token', 'batch', 'item', 'sharing', 'link', 'upload'] as const

const KEYS: Record<string, string> = {
  'sharing.team': 'audit.act.sharing_team',
  'link.create': 'audit.act.link_create',
  'link.revoke': 'audit.act.link_revoke',
  'link.open': 'audit.act.link_open',
}

export const actKey = (action: string): string | undefined => KEYS[action]

/** What an entry says beside the act, in one line: "role: admin, days: 7". */
export function detailsOf(details: Readonly<Record<string, unknown>>): string {
  const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${plain(value)}`)
    .join(', ')
}
