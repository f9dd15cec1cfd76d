/** The HTTP API, typed. Every failure is an ApiProblem whose message can be shown as it is. */
import axios, { AxiosHeaders, isAxiosError, type AxiosRequestConfig } from 'axios'
import { currentLanguage, i18n } from '@/locales'
import type { components } from './schema'

type Schemas = components['schemas']
export type Item = Schemas['ItemOut']
export type ItemDetail = Schemas['ItemDetailOut']
export type ItemState = Schemas['ItemState']
export type Batch = Schemas['BatchOut']
export type BatchState = Schemas['BatchState']
export type BatchDraft = Schemas['BatchIn']
export type Estimate = Schemas['EstimateOut']
export type Pilot = Schemas['PilotOut']
export type PilotDraft = Schemas['PilotIn']
export type PilotMode = Schemas['Mode']
export type PilotRepeat = Schemas['RepeatIn']
export type PilotQuote = Schemas['PilotQuoteOut']
export type Duel = Schemas['DuelOut']
export type DuelDraft = Schemas['DuelIn']
export type Contestant = Schemas['ContestantOut']
export type Format = Schemas['OptionsIn']['format']
export type Upload = Schemas['UploadOut']
export type Provider = Schemas['ProviderOut']
export type Model = Schemas['ModelOut']
export type Limits = Schemas['LimitsOut']
export type Hold = Schemas['HoldOut']
export type Policy = Batch['policy']
export type Health = Schemas['HealthOut']
export type ProviderState = Schemas['ProviderStateOut']
export type Queue = Schemas['QueueOut']
export type Category = Schemas['Category']
export type ErrorDetail = Schemas['ErrorDetailOut']
export type BatchRetry = Schemas['RetryIn']
export type ItemRetry = Schemas['ItemRetryIn']
export type Review = Schemas['Review']
export type Redo = Schemas['RedoIn']
export type BatchItem = Schemas['BatchItemIn']
export type Preview = Schemas['PreviewOut']
export type Table = Schemas['TableOut']
export type Notices = Schemas['NoticesOut']
export type NoticesDraft = Schemas['NoticesIn']
export type NoticeTarget = Schemas['NoticeTargetOut']
export type NoticeTargetDraft = Schemas['NoticeTargetIn']
export type NoticeKind = Schemas['Kind']
export type NoticeTest = Schemas['NoticeTestOut']
export type Notice = Schemas['NoticeOut']
export type Money = Schemas['MoneyOut']
export type Budget = Schemas['BudgetOut']
export type LedgerEntry = Schemas['EntryOut']
export type SpendRow = Schemas['SpendRowOut']
export type SpendBy = 'user' | 'model' | 'day'
interface Days {
  from: string
  to: string
}
export interface Page<T> {
  items: T[]
  next_cursor: string | null
  total: number
}
export interface BatchesQuery {
  cursor?: string
  limit?: number
  state?: BatchState
  q?: string
  scope?: Scope
}
/** Whose batches: mine, what is shared with the team, or everybody's (admins). */
export type Scope = 'mine' | 'team' | 'all'
export interface ItemsQuery {
  cursor?: string
  limit?: number
  state?: ItemState
}
interface UploadWatch {
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

/** `code` "offline": no answer came. "cancelled": we stopped it ourselves. Else the server's code. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: ErrorDetail[] = [],
    readonly requestId = '',
    /** Seconds until it is worth another try, where the server says so. */
    readonly retryAfterS = 0,
  ) {
    super(message)
    this.name = 'ApiProblem'
  }
}

const READS_TABLE_MS = 90_000
export const http = axios.create({ baseURL: '/api', timeout: 30_000 })
const signedOut = new Set<() => void>()

/** Hear of every answer that says: nobody is signed in. Returns what ends the listening. */
export function onSignedOut(handler: () => void): () => void {
  signedOut.add(handler)
  return () => void signedOut.delete(handler)
}

http.interceptors.request.use((config) => {
  config.headers.set('Accept-Language', currentLanguage())
  return config
})
http.interceptors.response.use(undefined, (reason: unknown) => {
  const problem = problemOf(reason)
  if (problem.code === 'unauthenticated') for (const tell of signedOut) tell()
  return Promise.reject(problem)
})

function problemOf(reason: unknown): ApiProblem {
  const { t } = i18n.global
  if (axios.isCancel(reason)) return new ApiProblem(0, 'cancelled', t('problem.cancelled'))
  if (!isAxiosError<Partial<Schemas['ErrorOut']> | string>(reason) || !reason.response)
    return new ApiProblem(0, 'offline', t('problem.offline'))
  const { status, data, headers } = reason.response
  const told = typeof data === 'object' ? data.error : undefined
  const header = (name: string) => (headers instanceof AxiosHeaders ? String(headers.get(name) ?? '') : '')
  if (told) {
    const wait = Number(header('Retry-After')) || 0
    return new ApiProblem(status, told.code, told.message, told.details, told.request_id, wait)
  }
  // not our server's answer: a proxy in between, or the dev server without a backend
  const id = header('X-Request-ID')
  return new ApiProblem(status, status >= 500 ? 'offline' : 'unreadable', t('problem.offline'), [], id)
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(reason: unknown): ApiProblem {
  return reason instanceof ApiProblem ? reason : new ApiProblem(0, 'unexpected', i18n.global.t('problem.unexpected'))
}

export async function get<T>(url: string, params?: object): Promise<T> {
  return (await http.get<T>(url, { params })).data
}

export async function post<T>(url: string, body?: unknown, config?: AxiosRequestConfig): Promise<T> {
  return (await http.post<T>(url, body, config)).data
}

export const batchUrl = (id: string) => `/batches/${encodeURIComponent(id)}`
const itemUrl = (id: string) => `/items/${encodeURIComponent(id)}`

export const listProviders = () => get<Provider[]>('/providers')
export const getLimits = () => get<Limits>('/limits')
export const listProviderStates = () => get<ProviderState[]>('/providers/health')
export const getQueue = () => get<Queue>('/queue')

/** A server that is down says so too, with 503; what a proxy says in its place is a problem. */
export async function getHealth(): Promise<Health> {
  const answered = (status: number) => status === 200 || status === 503
  const { data } = await http.get<Health | string>('/health', { baseURL: '', validateStatus: answered })
  if (typeof data === 'string') throw new ApiProblem(0, 'offline', i18n.global.t('problem.offline'))
  return data
}

export function uploadImage(file: File, { onProgress, signal }: UploadWatch = {}): Promise<Upload> {
  const form = new FormData()
  form.append('file', file, file.name)
  return post<Upload>('/uploads', form, {
    signal,
    timeout: 0, // a large picture on a slow line takes as long as it takes
    onUploadProgress: (e) => onProgress?.(e.total ? e.loaded / e.total : 0),
  })
}

export async function deleteUpload(id: string): Promise<void> {
  await http.delete(`/uploads/${encodeURIComponent(id)}`)
}

export const submitBatch = (body: BatchDraft, key: string) =>
  post<Batch>('/batches', body, { headers: { 'Idempotency-Key': key } })
export const estimateBatch = (body: BatchDraft, signal: AbortSignal) => post<Estimate>('/estimates', body, { signal })
export const listBatches = (query: BatchesQuery = {}) => get<Page<Batch>>('/batches', query)
export const getBatch = (id: string) => get<Batch>(batchUrl(id))
export const patchBatch = async (id: string, body: { name: string }) =>
  (await http.patch<Batch>(batchUrl(id), body)).data
export const cancelBatch = (id: string) => post<Batch>(`${batchUrl(id)}/cancel`)
export const pauseBatch = (id: string) => post<Batch>(`${batchUrl(id)}/pause`)
export const resumeBatch = (id: string) => post<Batch>(`${batchUrl(id)}/resume`)
export const retryBatch = (id: string, body: BatchRetry = {}) => post<Batch>(`${batchUrl(id)}/retry`, body)
export const acceptBatch = (id: string) => post<Batch>(`${batchUrl(id)}/accept`)
export const approvePilot = (id: string, round: number) => post<Batch>(`${batchUrl(id)}/pilot/approve`, { round })
export const repeatPilot = (id: string, body: PilotRepeat) => post<Batch>(`${batchUrl(id)}/pilot/repeat`, body)
export const estimatePilot = (id: string, body: PilotRepeat, signal: AbortSignal) =>
  post<PilotQuote>(`${batchUrl(id)}/pilot/estimate`, body, { signal })
export const archiveUrl = (id: string, only: 'succeeded' | 'approved' = 'succeeded') =>
  `/api${batchUrl(id)}/archive${only === 'approved' ? '?only=approved' : ''}`

const duelUrl = (id: string) => `/duels/${encodeURIComponent(id)}`
export const submitDuel = (body: DuelDraft, key: string) =>
  post<Duel>('/duels', body, { headers: { 'Idempotency-Key': key } })
export const getDuel = (id: string) => get<Duel>(duelUrl(id))
export const chooseContestant = (id: string, batch_id: string) => post<Duel>(`${duelUrl(id)}/choose`, { batch_id })

export const previewPrompts = (prompt: string, items: BatchItem[]) =>
  post<Preview>('/prompts/preview', { prompt, items })
export const previewFilenames = (body: Schemas['FilenamesIn'], signal: AbortSignal) =>
  post<Schemas['FilenamesOut']>('/prompts/filenames', body, { signal })
export const readTableText = (text: string) => post<Table>('/prompts/table', { text }, { timeout: READS_TABLE_MS })
export function readTable(file: File): Promise<Table> {
  const form = new FormData()
  form.append('file', file, file.name)
  return post<Table>('/prompts/table', form, { timeout: READS_TABLE_MS })
}
export const getNotices = () => get<Notices>('/me/notices')
export const putNotices = async (body: NoticesDraft) => (await http.put<Notices>('/me/notices', body)).data
export const testNotice = (id: string) => post<NoticeTest>('/me/notices/test', { id })
export const listBatchNotices = (id: string) => get<{ notices: Notice[] }>(`${batchUrl(id)}/notices`)
export const getMoney = () => get<Money>('/money')
export const listBudgets = () => get<Budget[]>('/budgets')
export const putBudget = async (id: string, micros: number | null) =>
  (await http.put<Budget[]>(`/budgets/${encodeURIComponent(id)}`, { monthly_micros: micros })).data
export const listLedger = (query: Days & { cursor?: string; limit?: number }) =>
  get<Omit<Page<LedgerEntry>, 'total'>>('/ledger', query)
export const sumLedger = (query: Days & { by: SpendBy }) => get<SpendRow[]>('/ledger/summary', query)
export const ledgerUrl = ({ from, to }: Days) => `/api/ledger.csv?from=${from}&to=${to}`

export const listItems = (id: string, query: ItemsQuery = {}) => get<Page<Item>>(`${batchUrl(id)}/items`, query)
export const getItem = (id: string) => get<ItemDetail>(itemUrl(id))
export const cancelItem = (id: string) => post<Item>(`${itemUrl(id)}/cancel`)
export const acceptItem = (id: string) => post<Item>(`${itemUrl(id)}/accept`)
export const reviewItem = (id: string, decision: Review) => post<Item>(`${itemUrl(id)}/review`, { decision })
export const redoItem = (id: string, body: Redo) => post<Item>(`${itemUrl(id)}/redo`, body)
export const estimateRedo = (id: string, body: Redo, signal: AbortSignal) =>
  post<{ cost_micros: number }>(`${itemUrl(id)}/redo/estimate`, body, { signal })
export const restoreItem = (id: string, number: number) => post<Item>(`${itemUrl(id)}/restore`, { number })
export const retryItem = (id: string, body: ItemRetry = {}) => post<Item>(`${itemUrl(id)}/retry`, body)
