#!/usr/bin/env bash
# `make bench`: the engine's wall time over the ideal, and Redis bytes per finished item.
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
exec "$PYTHON" -m tests.bench "$@"
