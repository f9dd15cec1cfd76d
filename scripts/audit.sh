#!/usr/bin/env bash
# `make audit`: known vulnerabilities of what the locks name. Where no database of them is reached, it says so and skips.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
passed=0 failed=0 skipped=0

passes() {
  passed=$((passed + 1))
  say "$1: nothing is known"
}

fails() {
  failed=$((failed + 1))
  say "$1: vulnerable, see above"
}

skips() {
  skipped=$((skipped + 1))
  say "$1: skipped, no database of vulnerabilities is reached from here"
}

install_auditor() {
  ensure_venv
  quietly "$PYTHON" -m venv "$WORK/venv"
  quietly "$WORK/venv/bin/pip" --disable-pip-version-check install --no-input --quiet --no-deps --require-hashes \
    -r "$ROOT/backend/requirements-audit.txt" || die "pip-audit could not be installed; see above."
}

audit_python() { # audit_python LOCK
  local name=${1##*/} status=0 asked
  "$WORK/venv/bin/pip-audit" --progress-spinner off --disable-pip --require-hashes --requirement "$1" \
    --format json --output "$WORK/found" >"$WORK/said" 2>&1 || status=$?
  asked=$(grep -c '"vulns"' "$WORK/found" 2>/dev/null || true) # what could not be asked about has no such entry
  if ((${asked:-0} == 0)); then
    skips "$name"
  elif ((status == 0)); then
    passes "$name"
  else
    cat "$WORK/found" "$WORK/said" >&2
    fails "$name"
  fi
  rm -f "$WORK/found"
}

audit_node() {
  local status=0
  (cd "$FRONTEND" && npm audit --audit-level=high --json) >"$WORK/npm" 2>"$WORK/said" </dev/null || status=$?
  if ! grep -q '"auditReportVersion"' "$WORK/npm"; then
    skips package-lock.json
  elif ((status == 0)); then
    passes package-lock.json
  else
    (cd "$FRONTEND" && npm audit --audit-level=high) >&2 || true
    fails package-lock.json
  fi
}

install_auditor
for lock in requirements requirements-run requirements-dev requirements-acme; do
  audit_python "$ROOT/backend/$lock.txt"
done
ensure_node
audit_node
say "Of the locks, $passed are clean, $failed are vulnerable, $skipped could not be asked about."
((failed == 0))
