#!/usr/bin/env bash
# `make test-faults`: storms of faults over the real stack. SEED=… has one again; STORMS and BLOWS say how much.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/redis.sh
. "$ROOT/scripts/redis.sh"
# shellcheck source=scripts/system.sh
. "$ROOT/scripts/system.sh"

ensure_system
ensure_dev_packages
find_redis >/dev/null
if ((EUID != 0)); then
  [[ ${CI:-} != true ]] || die "A storm fills a small disk of its own, which only root may mount."
  say "Skipped: a storm fills a small disk of its own, which only root may mount."
  exit 0
fi
clear_settings
cd "$ROOT/backend"
exec "$PYTHON" -m tests.storm ${SEED:+--seed "$SEED"} ${STORMS:+--storms "$STORMS"} ${BLOWS:+--blows "$BLOWS"} ${KEEP:+--keep "$KEEP"}
