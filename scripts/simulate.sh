#!/usr/bin/env bash
# `make simulate`: what one Redis has to do for so many million pictures a day. MILLIONS="1 10", HOURS="3 15",
# LASTS=20 (seconds of each window) and ROOM=0.8 ask for other loads.
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
# shellcheck disable=SC2086 # several numbers
exec "$PYTHON" -m tests.bench.simulate ${MILLIONS:+--millions $MILLIONS} ${HOURS:+--hours $HOURS} \
  ${LASTS:+--seconds "$LASTS"} ${ROOM:+--room "$ROOM"}
