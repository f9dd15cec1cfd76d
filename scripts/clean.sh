#!/usr/bin/env bash
# `make clean`: what can be made again. var/ stays: it holds uploads, results and the state of batches.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
rm -rf .venv frontend/node_modules frontend/dist frontend/.vite .ruff_cache .mypy_cache .pytest_cache
rm -rf backend/.ruff_cache backend/.mypy_cache backend/.pytest_cache backend/.hypothesis backend/.import_linter_cache
find backend config scripts -name __pycache__ -type d -prune -exec rm -rf {} +
say "Clean. var/ was kept: it holds your data."
