/** Accounts, people, sharing and the audit log, as the server answers them. */
import { batchUrl, get, http, post, type ItemsQuery } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Role = Schemas['Role']
export type TokenScope = Schemas['Scope']
export type AuthOptions = Schemas['AuthOptionsOut']
export type Me = Schemas['MeOut']
export type Login = Schemas['LoginIn']
export type Token = Schemas['TokenOut']
export type MadeToken = Schemas['TokenMadeOut']
export type TokenDraft = Schemas['TokenIn']
export type Person = Schemas['UserOut']
export type PersonChange = Schemas['UserPatchIn']
export type Invitation = Schemas['InvitationOut']
export type InvitationDraft = Schemas['InvitationIn']
export type InvitationLook = Schemas['InvitationLookOut']
export type InvitationAnswer = Schemas['InvitationAcceptIn']
/** A link that is told once: an invitation's, a reset's. */
export type MadeLink = Schemas['ResetOut']
export type ResetLook = Schemas['ResetLookOut']
export type ShareLink = Schemas['LinkOut']
export type MadeShareLink = Schemas['NewLinkOut']
export type Sharing = Schemas['SharingOut']
export type SharedBatch = Schemas['SharedBatchOut']
export type SharedItem = Schemas['SharedItemOut']
export type Act = Schemas['ActOut']
export interface Cursor {
  cursor?: string
  limit?: number
}
/** A page of a list; some lists have one page only. */
export interface Listing<T> {
  items: T[]
  next_cursor?: string | null
}

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
export const changePassword = (body: Schemas['PasswordChangeIn']) => post<undefined>('/auth/password', body)
export const patchMe = async (body: Schemas['MePatchIn']) => (await http.patch<Me>('/auth/me', body)).data
export const oidcUrl = (next: string) => `/api/auth/oidc/start?next=${encodeURIComponent(next)}`

export const lookAtInvitation = (token: string) => post<InvitationLook>('/auth/invitations/look', { token })
export const acceptInvitation = (body: InvitationAnswer) => post<Me>('/auth/invitations/accept', body)
export const lookAtReset = (token: string) => post<ResetLook>('/auth/resets/look', { token })
export const acceptReset = (body: Schemas['ResetAcceptIn']) => post<undefined>('/auth/resets/accept', body)

export const listTokens = () => get<Listing<Token>>('/tokens')
export const createToken = (body: TokenDraft) => post<MadeToken>('/tokens', body)
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
export const invite = (body: InvitationDraft) => post<Schemas['InvitationMadeOut']>('/invitations', body)
export async function revokeInvitation(id: string): Promise<void> {
  await http.delete(`/invitations/${encodeURIComponent(id)}`)
}

export const getSharing = (id: string) => get<Sharing>(`${batchUrl(id)}/sharing`)
export const putSharing = async (id: string, team: boolean) =>
  (await http.put<Sharing>(`${batchUrl(id)}/sharing`, { team })).data
export const createLink = (id: string, days: number, only: ShareLink['only']) =>
  post<MadeShareLink>(`${batchUrl(id)}/links`, { expires_in_days: days, only })
export async function revokeLink(id: string, link: string): Promise<void> {
  await http.delete(`${batchUrl(id)}/links/${encodeURIComponent(link)}`)
}

const sharedUrl = (id: string) => `/shared/batches/${encodeURIComponent(id)}`
export const openShared = (token: string) => post<Schemas['OpenedOut']>('/shared/open', { token })
export const getShared = (id: string) => get<SharedBatch>(sharedUrl(id))
export const listShared = (id: string, query: ItemsQuery) => get<Listing<SharedItem>>(`${sharedUrl(id)}/items`, query)
export const sharedArchiveUrl = (id: string) => `/api${sharedUrl(id)}/archive`

export const listAudit = (query: Cursor & { actor?: string; action?: string } = {}) =>
  get<Listing<Act>>('/audit', query)
