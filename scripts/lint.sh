#!/usr/bin/env bash
# `make lint`: every check runs, the failed ones are named at the end. All tools come from the lock files.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

CHECKS=(ruff format mypy imports shell shell_format dockerfiles compose kubernetes sizes portable eslint prettier vue_types contract)

backend() { (cd "$ROOT/backend" && "$PYTHON" -m "$@"); }
frontend() { (cd "$FRONTEND" && "./node_modules/.bin/$1" "${@:2}"); }

shell_files() {
  find "$ROOT/scripts" "$ROOT/.ci" "$ROOT/nginx" "$ROOT/acme" "$FRONTEND/e2e" "$ROOT"/deploy*.sh -type f \( -name '*.sh' -o -path '*/.ci/run' \) 2>/dev/null
}

# Scripts print: that is what they are for.
check_ruff() {
  backend ruff check --quiet . ../config
  backend ruff check --quiet --config pyproject.toml --extend-ignore T201 ../scripts
}

check_format() { backend ruff format --quiet --check --config pyproject.toml . ../config ../scripts; }

check_mypy() {
  backend mypy --no-error-summary
  backend mypy --no-error-summary --follow-imports=silent "$ROOT"/scripts/*.py
}

check_imports() { (cd "$ROOT/backend" && quietly "$VENV/bin/lint-imports"); }
check_shell() { shell_files | xargs "$VENV/bin/shellcheck" --external-sources --source-path="$ROOT"; }
check_shell_format() { shell_files | xargs "$VENV/bin/shfmt" --indent 2 --case-indent --diff; }
check_dockerfiles() { "$VENV/bin/hadolint" --failure-threshold info "$ROOT"/{acme,backend,frontend}/Dockerfile; }

# By the specification's schema, and by each Compose that is here; the deployment's tests run it for real.
check_compose() {
  local found=0
  "$PYTHON" "$ROOT/scripts/compose_schema.py"
  if docker compose version >/dev/null 2>&1; then found=1 && compose_reads docker compose; fi
  if have docker-compose; then found=1 && compose_reads docker-compose; fi
  ((found)) || say "only by its schema: there is no Docker Compose here"
}

compose_reads() (
  cd "$ROOT"
  REDIS_PASSWORD=x ENV_FILE=$ROOT/env.example "$@" -f docker-compose.yml config --quiet
)

# The schemas of Kubernetes are in the package: the oldest version that is supported here, and the newest it knows.
check_kubernetes() {
  quietly "$VENV/bin/kubernetes-validate" --strict -k 1.28 "$ROOT"/config/kubernetes/*.yaml
  quietly "$VENV/bin/kubernetes-validate" --strict "$ROOT"/config/kubernetes/*.yaml
}

check_sizes() { "$PYTHON" "$ROOT/scripts/sizes.py"; }

# A lock that names a registry, or a file that names a folder of one machine, works there only.
check_portable() {
  local found=0 folders='/home/[a-z]+|/Users/[A-Za-z]+|/root'
  [[ $ROOT != /*/* ]] || folders+="|$ROOT"
  grep -nE 'https?://|--index-url|--find-links' "$ROOT"/backend/requirements*.txt && found=1
  grep -nE '"resolved": *"https?:' "$FRONTEND/package-lock.json" && found=1
  all_text | xargs -0 grep -nIE "(^|[^A-Za-z0-9._/-])($folders)/" && found=1
  return "$found"
}

# Every file of the project; without git there is nothing to check.
all_text() {
  git -C "$ROOT" ls-files -z --cached --others --exclude-standard --full-name 2>/dev/null | grep -zv '^scripts/lint.sh$' |
    sed -z "s|^|$ROOT/|"
}

check_eslint() { frontend eslint --max-warnings=0 .; }
check_prettier() { frontend prettier --log-level warn --check .; }
check_vue_types() { (cd "$FRONTEND" && quietly npm run typecheck); }
check_contract() { bash "$ROOT/scripts/types.sh" check; }

all_checks() {
  local check failed=()
  lock_tree
  ensure_dev_packages
  ensure_modules
  unlock_tree
  for check in "${CHECKS[@]}"; do
    say "-- $check"
    bash "$0" "$check" >&2 || failed+=("$check") # a process of its own: after `||`, -e would be off inside
  done
  ((${#failed[@]} == 0)) || die "Failed: ${failed[*]}"
  say "All ${#CHECKS[@]} checks passed."
}

if (($# == 0)); then
  all_checks
else # lint.sh mypy sizes: those, with everything in place
  for name in "$@"; do
    declare -F "check_$name" >/dev/null || die "There is no check '$name'; there are ${CHECKS[*]}."
  done
  for name in "$@"; do "check_$name"; done
fi
