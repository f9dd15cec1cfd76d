#!/usr/bin/env bash
# `make lock`: resolve the direct dependencies again. The resolver stands in an environment of its own, so that it
# is not among what it resolves. Node's packages are locked without addresses (frontend/.npmrc says so).
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

RESOLVER=$(mktemp -d)
trap 'rm -rf "$RESOLVER"' EXIT

compile() { # compile NAME: each builds on the ones before, by the -c lines of its .in file
  say "Locking $1…"
  (cd "$ROOT/backend" && quietly "$RESOLVER/bin/uv" pip compile --quiet --upgrade --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --python-version 3.12 "$1.in" --output-file "$1.txt")
}

ensure_venv
quietly "$PYTHON" -m venv "$RESOLVER"
quietly "$RESOLVER/bin/pip" install --quiet uv
compile requirements
compile requirements-run
compile requirements-dev
compile requirements-acme
compile requirements-audit
ensure_node
(cd "$FRONTEND" && quietly npm install --package-lock-only --ignore-scripts --no-audit --no-fund)
