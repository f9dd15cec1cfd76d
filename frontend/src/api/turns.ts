/** Who is in the queue, and whose turn is when. */
import { get } from './client'
import type { components } from './schema'

export type Board = components['schemas']['BoardOut']
export type Turn = components['schemas']['TurnOut']

export const listTurns = () => get<Board[]>('/turns')
