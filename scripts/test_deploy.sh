#!/usr/bin/env bash
# `make test-deploy`: deploy.sh and deploy-server.sh on a real Docker engine. Where none can run, it says why and skips.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"
# shellcheck source=scripts/system.sh
. "$ROOT/scripts/system.sh"

BASES=(python:3.12-slim-bookworm node:22-bookworm-slim nginx:1.28-bookworm redis:7-bookworm)
STANDINS=$ROOT/../shared/deploy-bench/standin-images.sh # stand-ins for the bases, where no image registry is reached

skip() {
  say "skipped: $*"
  exit 0
}

bases_are_here() {
  local base
  for base in "${BASES[@]}"; do docker image inspect "$base" >/dev/null 2>&1 || return 1; done
}

# What was started here ends here: an engine left behind holds memory and changes the machine's network.
stop_engine() {
  local id
  id=$(cat /var/run/docker.pid 2>/dev/null) || return 0
  [[ $(cat "/proc/$id/comm" 2>/dev/null) == dockerd ]] || return 0
  say "Stopping the Docker engine that was started for this…"
  kill "$id"
  for _ in $(seq 60); do
    kill -0 "$id" 2>/dev/null || return 0
    sleep 0.5
  done
  say "The Docker engine (process $id) did not stop."
}

ensure_engine() {
  docker info >/dev/null 2>&1 || trap stop_engine EXIT
  if { ! docker info >/dev/null 2>&1 || ! bases_are_here; } && [[ -f $STANDINS ]] && ((EUID == 0)); then
    say "Preparing a Docker engine and stand-ins for the base images…"
    quietly bash "$STANDINS" || skip "no Docker engine can run here"
  fi
  docker info >/dev/null 2>&1 || skip "no Docker engine answers here"
}

ensure_tools() {
  local missing=()
  have docker-compose || docker compose version >/dev/null 2>&1 || missing+=(docker-compose)
  [[ -x /usr/sbin/sshd ]] || missing+=(openssh-server)
  have testssl || missing+=(testssl.sh)
  have pebble || missing+=(pebble)
  have promtool || missing+=(prometheus)
  ((${#missing[@]} == 0)) || ((EUID != 0)) || install_packages "${missing[@]}" || true
  have docker-compose || docker compose version >/dev/null 2>&1 || skip "there is no Docker Compose here"
}

main() {
  ensure_engine
  ensure_tools
  lock_tree
  ensure_system
  ensure_dev_packages
  ensure_modules
  unlock_tree
  cd "$ROOT/backend"
  "$PYTHON" -m pytest -q tests/deploy "$@"
}

main "$@"
