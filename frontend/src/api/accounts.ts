/** Accounts, people, sharing and the audit log, as the server answers them. */
import { batchUrl, get, http, post, type Batch, type ItemsQuery, type Page } from './client'

export type Role = 'member' | 'admin'
export type TokenScope = 'read' | 'submit' | 'admin'
export interface AuthOptions {
  mode: 'password' | 'oidc' | 'none'
  oidc_name: string | null
  mail: boolean
}
export interface Me {
  id: string
  username: string
  name: string
  email: string | null
  role: Role
  auth: 'session' | 'token' | 'none'
}
export interface Login {
  username: string
  password: string
}
export interface Token {
  id: string
  name: string
  scopes: TokenScope[]
  created_at: string
  expires_at: string | null
  last_used_at: string | null
}
export interface TokenDraft {
  name: string
  scopes: TokenScope[]
  expires_in_days: number | null
}
export interface Person {
  id: string
  username: string
  name: string
  email: string | null
  role: Role
  disabled: boolean
  created_at: string
  last_seen_at: string | null
}
export type PersonChange = Partial<Pick<Person, 'name' | 'email' | 'role' | 'disabled'>>
export interface Invitation {
  id: string
  username: string | null
  email: string | null
  role: Role
  created_at: string
  expires_at: string
}
export interface InvitationDraft {
  username?: string
  email?: string
  role: Role
  expires_in_days: number
}
/** A link that is told once. */
export interface MadeLink {
  link: string
  expires_at: string
  mailed: boolean
}
export interface InvitationLook {
  username: string | null
  email: string | null
  role: Role
  expires_at: string
}
export interface ResetLook {
  username: string
  expires_at: string
}
export interface ShareLink {
  id: string
  created_at: string
  expires_at: string
}
export interface Sharing {
  team: boolean
  links: ShareLink[]
}
export interface SharedBatch {
  id: string
  name: string
  counts: Batch['counts']
  created_at: string
  expires_at: string
}
export interface SharedItem {
  id: string
  name: string
  result: SharedResult
}
export interface SharedResult {
  url: string
  thumbnail_url: string
  width: number
  height: number
  bytes: number
  format: string
}
export interface AuditEntry {
  id: string
  at: string
  actor: { id: string; name: string }
  action: string
  target: string
  address: string
  via: 'session' | 'token' | 'none' | 'link'
  details: Record<string, unknown>
}
export interface Cursor {
  cursor?: string
  limit?: number
}
export type Listing<T> = Omit<Page<T>, 'total'>

const UNAUTHENTICATED = 401

export const getAuthOptions = () => get<AuthOptions>('/auth/options')

/** Null: nobody is signed in. That is an answer here, not a problem. */
export async function getMe(): Promise<Me | null> {
  const answered = (status: number) => status === 200 || status === UNAUTHENTICATED
  const { status, data } = await http.get<Me>('/auth/me', { validateStatus: answered })
  return status === UNAUTHENTICATED ? null : data
}

export const login = (body: Login) => post<Me>('/auth/login', body)
export const logout = () => post<undefined>('/auth/logout')
export const logoutEverywhere = () => post<undefined>('/auth/logout-everywhere')
export const changePassword = (body: { current_password: string; new_password: string }) =>
  post<undefined>('/auth/password', body)
export const patchMe = async (body: { name?: string; email?: string }) => (await http.patch<Me>('/auth/me', body)).data
export const oidcUrl = (next: string) => `/api/auth/oidc/start?next=${encodeURIComponent(next)}`

export const lookAtInvitation = (token: string) => post<InvitationLook>('/auth/invitations/look', { token })
export const acceptInvitation = (body: { token: string; username: string; name: string; password: string }) =>
  post<Me>('/auth/invitations/accept', body)
export const lookAtReset = (token: string) => post<ResetLook>('/auth/resets/look', { token })
export const acceptReset = (body: { token: string; password: string }) => post<undefined>('/auth/resets/accept', body)

export const listTokens = () => get<Listing<Token>>('/tokens')
export const createToken = (body: TokenDraft) => post<Token & { token: string }>('/tokens', body)
export async function deleteToken(id: string): Promise<void> {
  await http.delete(`/tokens/${encodeURIComponent(id)}`)
}

const personUrl = (id: string) => `/users/${encodeURIComponent(id)}`
export const listPeople = (query: Cursor & { q?: string } = {}) => get<Listing<Person>>('/users', query)
export const patchPerson = async (id: string, body: PersonChange) =>
  (await http.patch<Person>(personUrl(id), body)).data
export async function deletePerson(id: string): Promise<void> {
  await http.delete(personUrl(id))
}
export const makeReset = (id: string) => post<MadeLink>(`${personUrl(id)}/reset`)
export const signOutPerson = (id: string) => post<undefined>(`${personUrl(id)}/sign-out`)

export const listInvitations = () => get<Listing<Invitation>>('/invitations')
export const invite = (body: InvitationDraft) => post<MadeLink & { id: string }>('/invitations', body)
export async function revokeInvitation(id: string): Promise<void> {
  await http.delete(`/invitations/${encodeURIComponent(id)}`)
}

export const getSharing = (id: string) => get<Sharing>(`${batchUrl(id)}/sharing`)
export const putSharing = async (id: string, team: boolean) =>
  (await http.put<Sharing>(`${batchUrl(id)}/sharing`, { team })).data
export const createLink = (id: string, days: number) =>
  post<ShareLink & { url: string }>(`${batchUrl(id)}/links`, { expires_in_days: days })
export async function revokeLink(id: string, link: string): Promise<void> {
  await http.delete(`${batchUrl(id)}/links/${encodeURIComponent(link)}`)
}

const sharedUrl = (id: string) => `/shared/batches/${encodeURIComponent(id)}`
export const openShared = (token: string) => post<{ batch: SharedBatch }>('/shared/open', { token })
export const getShared = (id: string) => get<SharedBatch>(sharedUrl(id))
export const listShared = (id: string, query: ItemsQuery) => get<Listing<SharedItem>>(`${sharedUrl(id)}/items`, query)
export const sharedArchiveUrl = (id: string) => `/api${sharedUrl(id)}/archive`

export const listAudit = (query: Cursor & { actor?: string; action?: string } = {}) =>
  get<Listing<AuditEntry>>('/audit', query)

const NOT_SHARED = { team: false, links: 0 }
/** Who else may see a batch. */
export const sharedOf = (batch: Batch): { team: boolean; links: number } =>
  (batch as Batch & { shared?: typeof NOT_SHARED }).shared ?? NOT_SHARED
