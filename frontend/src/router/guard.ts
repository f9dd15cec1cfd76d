/** Who may see which page. The server decides; this only spares people a page full of refusals. */
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'
import type { useSession } from '@/stores/session'
import { localPath } from '@/utils/localPath'

declare module 'vue-router' {
  interface RouteMeta {
    /** Needs nobody to be signed in, and stands alone without the main navigation. */
    open?: boolean
    /** For admins; to others there is no such page. */
    admin?: boolean
    /** Has a sense only where there are accounts. */
    accounts?: boolean
  }
}

type Session = Pick<ReturnType<typeof useSession>, 'ready' | 'me' | 'admin' | 'accounts'>

export const loginFor = (path: string): RouteLocationRaw => ({
  name: 'login',
  query: path === '/' ? {} : { next: path },
})

export async function guard(
  to: Pick<RouteLocationNormalized, 'name' | 'meta' | 'fullPath' | 'path' | 'query' | 'hash'>,
  session: Session,
): Promise<true | RouteLocationRaw> {
  if (to.meta.open && to.name !== 'login') return true
  await session.ready()
  if (to.name === 'login') return session.me ? localPath(to.query.next) : true
  if (session.me === null) return loginFor(to.fullPath)
  const hidden = (to.meta.admin && !session.admin) || (to.meta.accounts && !session.accounts)
  if (!session.me || !hidden) return true // unknown while the server is away: the page will say so
  return { name: 'missing', params: { rest: to.path.slice(1).split('/') }, query: to.query, hash: to.hash }
}
