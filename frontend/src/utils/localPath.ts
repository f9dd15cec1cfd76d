/** Where to go after the login: a path of this page, whatever the address says. */
export function localPath(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next)) return '/'
  // as the browser would read it: it drops tabs and line ends, and takes a backslash for a slash
  const { origin, pathname, search, hash } = new URL(next, window.location.origin)
  return origin === window.location.origin && !pathname.startsWith('//') ? pathname + search + hash : '/'
}
