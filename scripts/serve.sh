#!/usr/bin/env bash
# One part of the service in the foreground, as the supervisor starts it: serve.sh redis|worker|web|flask|vite
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# Append-only, flushed every second; finished items stay packed (512 covers their longest field); and Redis
# refuses rather than forgets when memory ends.
serve_redis() {
  cd "$VAR_DIR/redis"
  exec "$REDIS_SERVER" --port 0 --unixsocket "$REDIS_SOCKET" --unixsocketperm 700 --dir . --save '' \
    --appendonly yes --appendfsync everysec --hash-max-ziplist-value 512 --maxmemory-policy noeviction
}

serve_worker() {
  cd "$ROOT/backend"
  exec "$PYTHON" -m celery -A worker worker --pool threads --concurrency "$WORKER_CONCURRENCY" \
    --without-gossip --without-mingle --loglevel "$LOG_LEVEL"
}

serve_web() {
  cd "$ROOT/backend"
  exec "$PYTHON" -m gunicorn -c gunicorn.conf.py app:app
}

serve_flask() {
  cd "$ROOT/backend"
  exec "$PYTHON" app.py --reload
}

serve_vite() {
  cd "$ROOT/frontend"
  exec node node_modules/vite/bin/vite.js --host 127.0.0.1 --port "$DEV_PORT" --strictPort
}

declare -F "serve_${1:-}" >/dev/null || die "serve.sh redis|worker|web|flask|vite"
"serve_$1"
