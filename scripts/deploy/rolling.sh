# shellcheck shell=bash
# Sourced by deploy.sh: going over to another version beside the one that runs, and back when it is not healthy.

NEW=() # the containers of the version that is coming

# beside TAG SERVICE COUNT: so many containers more, and healthy; they are in NEW
beside() {
  local before all found
  before=$(ids "$2" all)
  all=$(($(ids "$2" all | wc -l) + $3))
  local status=0
  compose "$1" up --detach --no-deps --no-build --no-recreate --scale "$2=$all" "$2" >/dev/null 2>&1 || status=1
  mapfile -t found < <(newcomers "$before" "$2") # also where only some came up: they are given up, too
  NEW+=("${found[@]}")
  ((status == 0 && ${#found[@]} == $3)) || return 1
  wait_healthy "${found[@]}"
}

# give_up REASON: the running version has served all the time and goes on. New workers may be in the middle of calls that
# are paid, so they are drained like old ones.
give_up() {
  say "$1; the end of its log:"
  show_end "${NEW[@]}"
  drain "$(worker_stop_seconds)" "${NEW[@]}"
  die "Rolled back: $(remembered current) goes on, nothing was lost."
}

# drain SECONDS ID…: no new work, what runs is finished, then gone
drain() {
  (($# > 1)) || return 0
  docker stop --time "$1" "${@:2}" >/dev/null
  docker rm "${@:2}" >/dev/null
}

# What an image does; its labels name every version, also one in which nothing of it changed.
substance_of() { docker image inspect --format '{{json .RootFS.Layers}}{{.Config.Cmd}}{{.Config.Env}}{{.Config.Healthcheck}}' "$1"; }

# What Nginx is told by .env.
front_settings() {
  local name
  for name in PUBLIC_URL HTTP_BIND HTTP_PORT HTTPS_PORT MAX_UPLOAD_MB GENERATE_WAIT_SECONDS FRONT_PROXIES CONNECTIONS \
    STORAGE_URL STORAGE_ENDPOINT STORAGE_PUBLIC_ENDPOINT STORAGE_REGION; do
    printf '%s=%s\n' "$name" "$(value_of "$name")"
  done | sha256sum | cut -d ' ' -f 1
}

# Nginx is changed only when its image or its settings are, since nobody listens while it is made anew.
renew_nginx() { # renew_nginx TAG
  local running
  running=$(docker inspect --format '{{.Image}}' "$(ids nginx | tail -n 1)" 2>/dev/null || true)
  if [[ $(substance_of "$running") == "$(substance_of "$(image_of front "$1")")" &&
  $(front_settings) == "$(remembered front)" ]]; then return; fi
  compose "$1" up --detach --no-deps --no-build nginx >/dev/null 2>&1 && wait_healthy "$(ids nginx | tail -n 1)"
}

switch_to() { # switch_to ID: requests go there from now on
  in_nginx sh /etc/batchgen/start.sh switch "${1:0:12}" && in_nginx curl -fsS -o /dev/null http://127.0.0.1:8081/health/live
}

roll() { # roll TAG WORKERS
  local tag=$1 web workers old
  old=$(remembered current)
  mapfile -t web < <(ids web)
  mapfile -t workers < <(ids worker)
  NEW=()
  ((${#web[@]})) || die "Nothing runs here; run: ./deploy.sh deploy"
  switch_to "${web[-1]}" || die "Nginx does not answer; run: ./deploy.sh doctor"
  say "Starting $tag beside $old …"
  beside "$tag" web 1 || give_up "The new web tier is not healthy"
  local fresh=${NEW[-1]}
  beside "$tag" worker "$2" || give_up "The new workers are not healthy"
  if ! renew_nginx "$tag"; then
    compose "$old" up --detach --no-deps --no-build nginx >/dev/null 2>&1 || true
    { wait_healthy "$(ids nginx | tail -n 1)" && switch_to "${web[-1]}"; } || true # not to those that are given up
    give_up "The new Nginx is not healthy"
  fi
  if ! switch_to "$fresh"; then
    switch_to "${web[-1]}" || true
    give_up "The new version does not answer through Nginx"
  fi
  remember previous "$old"
  remember current "$tag"
  remember front "$(front_settings)"
  say "The new version serves. Draining the old one: pictures that are being made are finished first …"
  drain "$(worker_stop_seconds)" "${workers[@]}"
  drain 45 "${web[@]}"
}
