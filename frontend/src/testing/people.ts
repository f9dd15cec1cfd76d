/** Small complete accounts for tests. */
import type { AuthOptions, Me, Person } from '@/api/accounts'

export const PASSWORDS: AuthOptions = { mode: 'password', oidc_name: null, mail: false }

export function aMe(more: Partial<Me> = {}): Me {
  return {
    id: 'u1',
    username: 'li',
    name: 'Li',
    email: null,
    role: 'member',
    auth: 'session',
    scopes: null,
    monthly_budget_micros: null,
    ...more,
  }
}

export function aPerson(id: string, more: Partial<Person> = {}): Person {
  return {
    id, username: id, name: id, email: null, role: 'member', disabled: false, created_at: '2026-11-24T03:00:00.000Z',
    last_seen_at: null, monthly_budget_micros: null, ...more,
  } // prettier-ignore
}
