#!/usr/bin/env bash
# Browser tests: real Chromium against the real stack as `make run` starts it, on a port and a folder of its own.
# Ends with the line `N passed, N failed, N skipped`. SHOTS=folder keeps the screenshots; ONLY=journey runs that file.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

FRONTEND=$ROOT/frontend
WORK=$(mktemp -d)
RUN=
UPSTREAM=

stop() {
  [[ -z $RUN ]] || { kill -INT -- "-$RUN" 2>/dev/null && wait "$RUN" 2>/dev/null; } || true
  [[ -z $UPSTREAM ]] || kill "$UPSTREAM" 2>/dev/null || true
  rm -rf "$WORK"
}
trap stop EXIT

find_chromium() {
  command -v chromium || command -v chromium-browser || command -v google-chrome || true
}

free_port() {
  "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() { # the address of a copy with a short demo latency, and a Doubao of ours for what costs money
  local line upstream
  mkfifo "$WORK/upstream" "$WORK/line"
  (cd "$ROOT/backend" && exec "$PYTHON" -m tests.fakes.doubao_server --latency 0.3) >"$WORK/upstream" &
  UPSTREAM=$!
  read -r upstream <"$WORK/upstream"
  set -m
  export DEFAULT_PROVIDER=demo DOUBAO_API_KEY=test DOUBAO_BASE_URL="http://127.0.0.1:$upstream/api/v3"
  PORT=$(free_port) VAR_DIR="$WORK/var" DEMO_LATENCY_SECONDS=0.5 make -s -C "$ROOT" run >"$WORK/line" 2>"$WORK/log" &
  RUN=$!
  set +m
  read -r line <"$WORK/line" || {
    cat "$WORK/log" >&2
    die "make run did not start"
  }
  [[ $line =~ (http://[^ ]+) ]] || die "make run said: $line"
  ADDRESS=${BASH_REMATCH[1]}
}

main() {
  local status=0 tests=("$FRONTEND"/e2e/*.e2e.mjs)
  [[ -z ${ONLY:-} ]] || tests=("$FRONTEND/e2e/$ONLY.e2e.mjs")
  CHROMIUM=$(find_chromium)
  if [[ -z $CHROMIUM ]]; then
    [[ ${CI:-} != true ]] || die "Chromium is missing on the CI machine."
    say "skipped: no Chromium is installed"
    printf '0 passed, 0 failed, 1 skipped\n'
    return
  fi
  (cd "$ROOT/backend" && "$PYTHON" -m tests.photos "$WORK/photos")
  start
  export ADDRESS CHROMIUM PHOTOS=$WORK/photos SHOTS=${SHOTS:-$WORK/shots}
  mkdir -p "$SHOTS"
  node --test --test-concurrency=1 --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$WORK/tap" "${tests[@]}" || status=$?
  awk '/^# (pass|fail|skipped) /{n[$2]=$3} END{printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skipped"]}' "$WORK/tap"
  return "$status"
}

main
