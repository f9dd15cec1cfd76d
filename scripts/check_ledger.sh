#!/usr/bin/env bash
# `make check-ledger`: proves that the ledger, the items and the budgets of a running copy agree, or names what differs.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"

ensure_run_packages
exports=$("$PYTHON" "$ROOT/scripts/preflight.py" --no-port) || exit 1
eval "$exports"
if [[ -z ${REDIS_URL:-} ]]; then
  [[ -S $VAR_DIR/run/redis.sock ]] || die "No copy runs on $VAR_DIR; start it, or name its Redis: make check-ledger REDIS_URL=…"
  export REDIS_URL="unix://$VAR_DIR/run/redis.sock?db=0"
fi
cd "$ROOT/backend"
exec "$PYTHON" check_ledger.py
