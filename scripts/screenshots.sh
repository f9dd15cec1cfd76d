#!/usr/bin/env bash
# `make screenshots`: walks the five journeys in real Chromium and keeps a chosen dozen of the pictures in Docs/screenshots.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

CHOSEN=(
  1440-en-light-edit-running:workspace
  1440-zh-CN-dark-edit-done:workspace-dark
  1440-en-light-text-table:variables
  1440-zh-CN-light-text-done:from-text
  1440-en-light-fix-failed:failures
  1024-en-dark-edit-running:tablet-dark
  1440-zh-CN-light-later-tasks:tasks
  1440-en-dark-run-status:status-dark
  1440-en-light-run-admin-people:people
  390-zh-CN-light-edit-running:phone
  390-en-dark-fix-failed:phone-failures
  390-zh-CN-dark-later-tasks:phone-tasks
)

main() {
  local one shots
  shots=$(mktemp -d)
  trap 'rm -rf "$shots"' EXIT
  SHOTS=$shots ONLY=five bash "$ROOT/scripts/test.sh" e2e
  mkdir -p "$ROOT/Docs/screenshots"
  for one in "${CHOSEN[@]}"; do cp "$shots/${one%%:*}.png" "$ROOT/Docs/screenshots/${one#*:}.png"; done
}

main
