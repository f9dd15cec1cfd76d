# shellcheck shell=bash
# Sourced: what the tests need from the system. Only root on Debian can install it; elsewhere the tests that
# need a missing part skip and say why (with CI=true they fail).

# command or file that tells, and the package that brings it
SYSTEM_PARTS=(
  redis-server:redis-server
  nginx:nginx-light
  chromium:chromium
  /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc:fonts-noto-cjk # without it Chinese is boxes
)

missing_packages() {
  local part sign
  for part in "${SYSTEM_PARTS[@]}"; do
    sign=${part%%:*}
    [[ $sign == /* && -e $sign ]] || have "$sign" || [[ -x /usr/sbin/$sign ]] || printf '%s\n' "${part##*:}"
  done
}

# Installing a server must not start it on its usual port: Debian asks this file first.
forbid_services() {
  [[ ! -e /usr/sbin/policy-rc.d ]] || return 0
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

install_packages() (
  export DEBIAN_FRONTEND=noninteractive
  forbid_services
  quietly apt-get update -qq || say "apt-get update failed; trying with what is known."
  quietly apt-get install -y -qq --no-install-recommends "$@"
)

ensure_system() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) || ! have apt-get; then
    say "Not installed here: ${missing[*]}; the tests that need them will skip."
    return
  fi
  say "Installing ${missing[*]}…"
  install_packages "${missing[@]}" || say "Could not install ${missing[*]}; the tests that need them will say so."
}
