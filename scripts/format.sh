#!/usr/bin/env bash
# `make format`: what `make lint` would only complain about.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

ensure_dev_packages
ensure_modules
cd "$ROOT/backend"
"$PYTHON" -m ruff check --quiet --fix-only . ../config
"$PYTHON" -m ruff format --quiet --config pyproject.toml . ../config ../scripts
find ../scripts ../.ci ../nginx ../acme ../frontend/e2e ../deploy*.sh -type f \( -name '*.sh' -o -path '*/.ci/run' \) -print0 2>/dev/null |
  xargs -0 "$VENV/bin/shfmt" --indent 2 --case-indent --write
cd "$FRONTEND"
./node_modules/.bin/prettier --log-level warn --write .
