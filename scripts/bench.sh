#!/usr/bin/env bash
# `make bench`: one table of what the service costs. ONLY="wall lists" and RUNS=3 measure less, WRITE=1 keeps the table.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/redis.sh
. "$ROOT/scripts/redis.sh"

ensure_dev_packages
find_redis >/dev/null
cd "$ROOT/backend"
# shellcheck disable=SC2086 # several names
exec "$PYTHON" -m tests.bench ${RUNS:+--runs "$RUNS"} ${ONLY:+--only $ONLY} ${WRITE:+--write}
