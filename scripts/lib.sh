# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for those that source this
# Sourced by the other scripts: where things are, how they speak, and stamps that make a second run quick.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=$ROOT/.venv
PYTHON=$VENV/bin/python

# Progress goes to standard error, so that the one line of `make run` stands alone on standard output.
# A closed terminal must not stop the stopping, hence `|| true`.
say() { printf '%s\n' "$*" >&2 || true; }

die() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# quietly COMMAND…: its output is shown only when it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  ((status == 0)) || tail -n 40 "$log" >&2
  rm -f "$log"
  return "$status"
}

# version_at_least 20.19 v20.20.2
version_at_least() {
  [[ $(printf '%s\n%s\n' "$1" "${2#v}" | sort -V | head -n 1) == "$1" ]]
}

# digest WORD FILE…: one hash over the files' names and contents and the word.
digest() {
  { printf '%s\n' "$1" && sha256sum "${@:2}"; } | sha256sum | cut -d ' ' -f 1
}

# Stamps say "this was made from exactly that".
is_fresh() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# Two copies started at once in one tree must not build the same thing twice. Locking the folder needs no
# lock file, and the lock ends with the process whatever happens.
lock_tree() {
  exec 8<"$ROOT/scripts"
  flock --nonblock 8 || {
    say "Waiting for another copy that is preparing this folder…"
    flock 8
  }
}

unlock_tree() { exec 8<&-; }
