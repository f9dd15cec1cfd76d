#!/usr/bin/env bash
# `make run` and `make dev`: prepare what is missing, start every part under the supervisor, say where it is,
# and stop all of it on Ctrl-C. `run.sh stop` stops a copy from elsewhere.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/redis.sh
. "$ROOT/scripts/redis.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

START_SECONDS=90
SUPERVISOR=
TAILS=()
SIGNALS=0

configure() { # .env, settings, port
  local exports
  exports=$("$PYTHON" "$ROOT/scripts/preflight.py" "$@") || exit 1
  eval "$exports"
}

# The lock lives as long as the supervisor, which inherits it: two copies on one VAR_DIR would spoil the data.
lock_var() {
  umask 077
  mkdir -p "$VAR_DIR/run" "$VAR_DIR/log" "$VAR_DIR/redis" || die "VAR_DIR $VAR_DIR cannot be written to."
  exec 9>>"$VAR_DIR/run/lock"
  flock --nonblock 9 ||
    die "A copy is already running on $VAR_DIR; stop it with: make stop, or use another: make run PORT=5002 VAR_DIR=var/5002"
}

choose_redis() {
  export START_REDIS=false
  [[ -z ${REDIS_URL:-} ]] || return 0
  REDIS_SERVER=$(find_redis)
  refuse_older_redis "$REDIS_SERVER"
  REDIS_SOCKET=$(choose_socket)
  START_REDIS=true
  REDIS_URL="unix://$REDIS_SOCKET?db=0"
  export REDIS_SERVER REDIS_SOCKET REDIS_URL
}

# Job control gives the supervisor a process group of its own, so that Ctrl-C and a closed terminal reach this
# script only, and it decides how to stop.
start() {
  ulimit -n "$(ulimit -Hn)" 2>/dev/null || true # every open page holds a connection
  rm -f "$VAR_DIR"/log/supervisord.log*
  trap on_signal INT TERM HUP
  set -m
  (cd "$ROOT/backend" && exec "$PYTHON" -m supervisor.supervisord -c ../scripts/supervisord.conf) \
    </dev/null >"$VAR_DIR/log/supervisord.out" 2>&1 &
  SUPERVISOR=$!
  set +m
}

alive() { kill -0 "$SUPERVISOR" 2>/dev/null; }

# health: "ok", "degraded" or nothing. Plain bash: curl may be absent, and a Python would cost half a second.
health() {
  local line body
  exec 7<>"/dev/tcp/$HOST/$PORT" || return 0
  printf 'GET /health HTTP/1.0\r\nHost: %s\r\nAccept: application/json\r\n\r\n' "$(authority)" >&7
  read -r -t 5 line <&7 || true
  body=$(timeout 5 cat <&7) || true
  exec 7<&-
  [[ $line == *" 200 "* ]] || return 0
  [[ $body =~ \"status\":\ *\"ok\" ]] && printf 'ok' || printf 'degraded'
} 2>/dev/null

authority() {
  [[ $HOST == *:* ]] && printf '[%s]:%s' "$HOST" "$PORT" || printf '%s:%s' "$HOST" "$PORT"
}

# The first part that ended by itself while starting.
crashed() {
  sed -nE 's/.*(exited: ([a-z]+) \(.*not expected\)|gave up: ([a-z]+) .*|spawnerr.*)/\2\3/p' \
    "$VAR_DIR/log/supervisord.log" 2>/dev/null | grep -m 1 .
}

vite_answers() { [[ $START_VITE == false ]] || (: <"/dev/tcp/127.0.0.1/$DEV_PORT") 2>/dev/null; }

# Ready is: the web answers and a worker is registered. What is merely degraded is let through in the end.
wait_ready() {
  local state part patience=$((SECONDS + 20)) deadline=$((SECONDS + START_SECONDS))
  while ((SIGNALS == 0)); do
    state=$(health)
    if [[ $state == ok ]] || { [[ $state == degraded ]] && ((SECONDS > patience)); }; then
      if vite_answers; then return; fi
    fi
    alive || failed supervisord
    if part=$(crashed); then failed "$part"; fi
    ((SECONDS < deadline)) || failed web
    sleep 0.2 || true
  done
}

failed() {
  local log=$VAR_DIR/log/$1.log
  [[ $1 != supervisord ]] || log=$VAR_DIR/log/supervisord.out
  say "The part '$1' did not start; the end of $log:"
  tail -n 25 "$log" >&2 || true
  stop_now
  exit 1
}

on_signal() {
  SIGNALS=$((SIGNALS + 1))
  if ((SIGNALS == 1)); then
    say "Stopping; pictures that are being made are finished first (Ctrl-C again: stop at once)."
    kill -TERM "$SUPERVISOR" 2>/dev/null || true
  else
    stop_now
  fi
}

children_of() { # also of a process that has ended, whose children init has not: then none
  awk -v parent="$1" '$1 == "PPid:" && $2 == parent { split(FILENAME, p, "/"); print p[3] }' \
    /proc/[0-9]*/status 2>/dev/null || true
}

# Nothing may be left behind: the supervisor is frozen first so that it starts nothing new.
stop_now() {
  local child
  kill -STOP "$SUPERVISOR" 2>/dev/null || return 0
  for child in $(children_of "$SUPERVISOR"); do
    kill -KILL -- "-$child" 2>/dev/null || kill -KILL "$child" 2>/dev/null || true
  done
  kill -KILL "$SUPERVISOR" 2>/dev/null || true
}

wait_end() {
  while alive; do wait "$SUPERVISOR" 2>/dev/null || true; done
}

clean_up() {
  local tail
  for tail in "${TAILS[@]}"; do kill -TERM -- "-$tail" 2>/dev/null || true; done
  if [[ ${REDIS_SOCKET:-} == /tmp/batchgen.* ]]; then rm -rf "${REDIS_SOCKET%/redis.sock}"; fi
  if [[ -n $SUPERVISOR ]] && ! alive; then rm -f "$VAR_DIR/run/supervisord.pid"; fi
}

follow_logs() { # dev only: every part's lines on the terminal
  local part
  set -m
  for part in "$@"; do
    touch "$VAR_DIR/log/$part.log"
    { tail -n 0 -F "$VAR_DIR/log/$part.log" 2>/dev/null | sed -u "s/^/[$part] /" >&2; } 9<&- &
    TAILS+=($!)
  done
  set +m
}

cmd_run() { # the built application, served by gunicorn
  lock_tree
  ensure_run_packages
  configure
  ensure_spa
  unlock_tree
  export WEB_KIND=web WEB_STOPS_AS_GROUP=false START_VITE=false
  lock_var
  choose_redis
  trap clean_up EXIT
  start
  wait_ready
  ((SIGNALS > 0)) || printf 'BatchGen Pro is running: http://%s  (stop: Ctrl-C)\n' "$(authority)"
  wait_end
}

cmd_dev() { # Flask that reloads, Vite that hot-swaps
  lock_tree
  ensure_dev_packages
  configure
  ensure_modules
  unlock_tree
  export WEB_KIND=flask WEB_STOPS_AS_GROUP=true START_VITE=true DEV_PORT=${DEV_PORT:-3000}
  lock_var
  choose_redis
  trap clean_up EXIT
  follow_logs worker web vite
  start
  wait_ready
  ((SIGNALS > 0)) || printf 'BatchGen Pro for development: http://127.0.0.1:%s  (API: http://%s, stop: Ctrl-C)\n' "$DEV_PORT" "$(authority)"
  wait_end
}

cmd_stop() { # a copy that runs elsewhere, found by its VAR_DIR
  local pid
  [[ -x $PYTHON ]] || die "Nothing is running."
  configure --no-port
  [[ -f $VAR_DIR/run/lock ]] || die "Nothing is running on $VAR_DIR."
  exec 9>>"$VAR_DIR/run/lock"
  if flock --nonblock 9; then die "Nothing is running on $VAR_DIR."; fi
  pid=$(cat "$VAR_DIR/run/supervisord.pid" 2>/dev/null) || die "It is only starting; try again in a moment."
  say "Stopping the copy on $VAR_DIR; pictures that are being made are finished first…"
  kill -TERM "$pid"
  flock --timeout "$((WORKER_STOP_SECONDS + 120))" 9 || die "It did not stop; look at $VAR_DIR/log/supervisord.log"
}

cmd_admin() { # an admin of the copy on VAR_DIR; the password comes from the terminal or standard input
  [[ -n ${1:-} ]] || die "Say who: make admin NAME=ann"
  ensure_run_packages
  configure --no-port
  if [[ -z ${REDIS_URL:-} ]]; then
    [[ -S $VAR_DIR/run/redis.sock ]] || die "Nothing is running on $VAR_DIR; start it first: make run"
    export REDIS_URL="unix://$VAR_DIR/run/redis.sock?db=0"
  fi
  cd "$ROOT/backend"
  exec "$PYTHON" -m batchgen.admin create-admin "$1"
}

declare -F "cmd_${1:-run}" >/dev/null || die "run.sh run|dev|stop|admin"
"cmd_${1:-run}" "${@:2}"
