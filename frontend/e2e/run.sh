#!/usr/bin/env bash
# Browser tests: real Chromium against the real stack as `make run` starts it, on a port and a folder of its own.
# Ends with the line `N passed, N failed, N skipped`. SHOTS=folder keeps the screenshots; ONLY=journey runs that file.
# Up to three files that fail are run once more, and what passes only then is named: a busy machine is no verdict.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

FRONTEND=$ROOT/frontend
WORK=$(mktemp -d)
OPENAI_KEY=an-openai-key-of-the-browser-tests # of the shared stack alone
PASSED=0
FAILED=0
RUN=
FAKE=
UPSTREAM=

stop() {
  [[ -z $FAKE ]] || kill "$FAKE" 2>/dev/null || true
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

start_fake() { # a server that speaks OpenAI's images API, whose models can be taken away
  local port
  mkfifo "$WORK/fake"
  (cd "$ROOT/backend" && exec "$PYTHON" -m tests.fakes.openai_server --latency 0.3) >"$WORK/fake" &
  FAKE=$!
  read -r port <"$WORK/fake"
  export FAKE_PROVIDER=http://127.0.0.1:$port
}

start_upstream() { # a Doubao of ours, for what costs money
  local port
  mkfifo "$WORK/upstream"
  (cd "$ROOT/backend" && exec "$PYTHON" -m tests.fakes.doubao_server --latency 0.3) >"$WORK/upstream" &
  UPSTREAM=$!
  read -r port <"$WORK/upstream"
  export DOUBAO_API_KEY=a-doubao-key-of-the-browser-tests DOUBAO_BASE_URL=http://127.0.0.1:$port/api/v3
}

start() { # the address of a copy with a short demo latency
  local line
  mkfifo "$WORK/line"
  set -m
  PORT=$(free_port) VAR_DIR="$WORK/var" DEMO_LATENCY_SECONDS=0.5 DEFAULT_PROVIDER=demo MODEL_PROBE_MINUTES=0.05 \
  MODELS_FILE="$FRONTEND/e2e/models.toml" OPENAI_API_KEY=$OPENAI_KEY OPENAI_BASE_URL=$FAKE_PROVIDER/v1 OPENAI_CONCURRENCY=2 \
  NOTICE_PRIVATE_HOSTS=127.0.0.1 \
    make -s -C "$ROOT" run >"$WORK/line" 2>"$WORK/log" &
  RUN=$!
  set +m
  read -r line <"$WORK/line" || {
    cat "$WORK/log" >&2
    die "make run did not start"
  }
  [[ $line =~ (http://[^ ]+) ]] || die "make run said: $line"
  ADDRESS=${BASH_REMATCH[1]}
}

walk() { # walk NAME FILE…: node's report goes to $WORK/NAME.tap; a file that does not come back within twenty minutes fails
  node --test --test-concurrency=1 --test-timeout=1200000 --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$WORK/$1.tap" "${@:2}"
}

number() { # number NAME KIND…: how many tests of that walk are of these kinds
  awk -v of=" ${*:2} " '$1 == "#" && index(of, " " $2 " ") { n += $3 } END { print n + 0 }' "$WORK/$1.tap"
}

# The whole walk, then what failed once more; sets FAILED to what failed in the end and PASSED to the rest.
walk_twice() {
  local again=()
  walk first "$@" || true
  PASSED=$(number first pass) FAILED=$(number first fail cancelled)
  mapfile -t again < <(sed -n "s/^ *location: '\(.*\.mjs\):.*/\1/p" "$WORK/first.tap" | sort -u) # only failures have one
  if ((${#again[@]} == 0 || ${#again[@]} > 3)); then return; fi
  say "== once more: ${again[*]##*/}"
  walk second "${again[@]}" || true
  say "== passed at the second try: $((FAILED - $(number second fail cancelled))) of $FAILED in ${again[*]##*/}"
  PASSED=$((PASSED + FAILED - $(number second fail cancelled))) FAILED=$(number second fail cancelled)
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
  start_fake
  start_upstream
  start
  export ADDRESS CHROMIUM PHOTOS=$WORK/photos SHOTS=${SHOTS:-$WORK/shots}
  mkdir -p "$SHOTS"
  walk_twice "${tests[@]}"
  ((FAILED == 0 && PASSED > 0)) || status=1
  OPENAI_API_KEY=$OPENAI_KEY node "$FRONTEND/e2e/secrets.mjs" "$WORK" || status=$?
  printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$(number first skipped)"
  return "$status"
}

main
