#!/usr/bin/env bash
# `make test`: every suite runs even when an earlier one fails; the last line sums them up.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/redis.sh
. "$ROOT/scripts/redis.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"
# shellcheck source=scripts/system.sh
. "$ROOT/scripts/system.sh"

REPORTS=$(mktemp -d)
trap 'rm -rf "$REPORTS"' EXIT

prepare() {
  lock_tree
  ensure_system
  ensure_dev_packages
  # the tests use the same server that `make run` would, as do their copies of this tree
  find_redis >/dev/null
  ensure_modules
  unlock_tree
  clear_settings
}

pytest() { (cd "$ROOT/backend" && "$PYTHON" -m pytest -q "$@"); }

# Up to five tests that fail are run once more, and what passes only then is said: a busy machine is no verdict.
suite_backend() {
  local failed status=0
  pytest --junitxml "$REPORTS/backend.xml" || status=$?
  ((status == 1)) || return "$status" # 1: tests failed; the rest is not theirs
  failed=$("$PYTHON" "$ROOT/scripts/tally.py" --failed "$REPORTS/backend.xml")
  ((failed > 0 && failed <= 5)) || return "$status"
  say "" && say "== once more: the $failed that failed"
  pytest -rA --last-failed --last-failed-no-failures none --junitxml "$REPORTS/backend.again.xml"
}

suite_frontend() {
  (cd "$FRONTEND" && npm test -- --reporter=default --reporter=junit --outputFile.junit="$REPORTS/frontend.xml")
}

# The browser tests end with the same kind of line; tally.py takes it from there.
suite_e2e() {
  [[ -f $FRONTEND/e2e/run.sh ]] || return 0
  bash "$FRONTEND/e2e/run.sh" 2>&1 | tee "$REPORTS/e2e.txt"
}

run_suite() {
  local status=0
  say "" && say "== $1"
  "suite_$1" </dev/null || status=$?
  printf '%s' "$status" >"$REPORTS/$1.status"
}

main() {
  local suite
  (($#)) || set -- backend frontend e2e
  for suite in "$@"; do
    declare -F "suite_$suite" >/dev/null || die "There is no suite '$suite'; there are backend, frontend and e2e."
  done
  prepare
  for suite in "$@"; do run_suite "$suite"; done
  say ""
  "$PYTHON" "$ROOT/scripts/tally.py" "$REPORTS" "$@"
}

main "$@"
