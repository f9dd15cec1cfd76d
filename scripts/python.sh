# shellcheck shell=bash
# Sourced: a Python, the virtual environment, and in it exactly what the lock files name.

REQUIREMENTS=$ROOT/backend/requirements.txt
REQUIREMENTS_RUN=$ROOT/backend/requirements-run.txt
REQUIREMENTS_DEV=$ROOT/backend/requirements-dev.txt

# 3.12 comes first: it is what the locks are resolved for, and Redis has a ready-made wheel only for it.
python_candidates() {
  local name
  for name in python3.12 python3.13 python3.14 python3; do
    type -aP "$name" || true
  done
  find "${PYENV_ROOT:-${HOME:-/}/.pyenv}/versions" -path '*/bin/python' 2>/dev/null | sort -V
}

# Being found is not enough: a pyenv shim fails when run for a version that is not active, and Debian's
# python3 has no ensurepip without python3-venv.
find_python() {
  local candidate
  while read -r candidate; do
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done < <(python_candidates)
  die "No Python 3.12 or newer was found on PATH or in pyenv; install one, for example: pyenv install 3.12"
}

# The environment is made anew when its Python is gone or the folder has moved (its scripts hold the path).
ensure_venv() {
  local made=$VENV/.stamp-venv base
  if is_fresh "$made" "$ROOT" && "$PYTHON" -c '' 2>/dev/null; then return; fi
  base=$(find_python)
  say "Making the virtual environment with $("$base" --version)…"
  quietly "$base" -m venv --clear "$VENV" || die "The virtual environment could not be made; see above."
  printf '%s' "$ROOT" >"$made"
}

# locked NAME…: these packages' lines of requirements-run.txt, hashes included.
locked() {
  awk -v names="$*" '
    BEGIN { split(names, list, " "); for (i in list) wanted[list[i]] = 1 }
    /^[a-z]/ { split($0, part, "=="); on = part[1] in wanted }
    on' "$REQUIREMENTS_RUN"
}

# install_locked STAMP FILE…: --no-deps because a lock is complete; anything it lacks must not slip in.
install_locked() {
  local stamp=$VENV/.stamp-$1 hash file args=()
  hash=$(digest "$1" "${@:2}")
  if is_fresh "$stamp" "$hash"; then return; fi
  for file in "${@:2}"; do args+=(-r "$file"); done
  quietly "$PYTHON" -m pip --disable-pip-version-check install --no-input --quiet \
    --no-deps --require-hashes "${args[@]}" || return 1
  printf '%s' "$hash" >"$stamp"
}

# install_part STAMP NAME…: parts that only some machines need, so that others don't fetch them.
install_part() {
  local file=$VENV/.part-$1.txt
  locked "${@:2}" >"$file"
  install_locked "$1" "$file"
}

ensure_run_packages() {
  ensure_venv
  is_fresh "$VENV/.stamp-run" "$(digest run "$REQUIREMENTS")" ||
    say "Installing the Python packages…"
  install_locked run "$REQUIREMENTS" || die "The Python packages could not be installed; see above."
  install_part supervisor supervisor || die "The supervisor could not be installed; see above."
}

ensure_dev_packages() {
  ensure_run_packages
  is_fresh "$VENV/.stamp-dev" "$(digest dev "$REQUIREMENTS_DEV")" || say "Installing the development tools…"
  install_locked dev "$REQUIREMENTS_DEV" || die "The development tools could not be installed; see above."
}

# The tests state their own settings: neither a .env nor the caller's environment may change what they prove.
clear_settings() {
  local name
  for name in $("$PYTHON" "$ROOT/scripts/settings_names.py"); do unset "$name"; done
}
