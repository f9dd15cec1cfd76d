# shellcheck shell=bash
# Sourced by deploy.sh: the engine, Compose (v2, or 1.29.2), and the containers of this project.

HEALTH_SECONDS=${HEALTH_SECONDS:-180}
COMPOSE=()

project() { value_of COMPOSE_PROJECT_NAME batchgen; }

need_engine() {
  have docker || die "Docker is not installed; install Docker Engine 20.10 or newer."
  docker info >/dev/null 2>&1 ||
    die "The Docker engine does not answer; start it (systemctl start docker), or run this as a user of the group docker."
  if docker compose version >/dev/null 2>&1; then
    COMPOSE=(docker compose)
  elif have docker-compose && version_at_least 1.29.2 "$(docker-compose version --short 2>/dev/null)"; then
    COMPOSE=(docker-compose)
  else
    die "Docker Compose is missing; install the plugin docker-compose-plugin, or docker-compose 1.29.2 or newer."
  fi
}

# compose TAG ARGUMENTS…: what belongs to this host is exported for it only; no secret becomes an argument.
compose() (
  COMPOSE_PROJECT_NAME=$(project)
  VERSION=$(version)
  REVISION=$(revision)
  WORKER_STOP_SECONDS=$(worker_stop_seconds)
  export COMPOSE_PROJECT_NAME VERSION REVISION WORKER_STOP_SECONDS IMAGE_TAG=$1 ENV_FILE=$ENV_PATH
  cd "$ROOT" || exit
  "${COMPOSE[@]}" --env-file "$ENV_PATH" "${@:2}" </dev/null
)

worker_stop_seconds() {
  local longest
  longest=$(value_of PROVIDER_TIMEOUT_SECONDS 180)
  printf '%d' "$((${longest%.*} + 20))"
}

# ids SERVICE [all]: containers that run, or also those that do not; the newest last.
ids() {
  local more=()
  [[ ${2:-} != all ]] || more=(--all)
  docker ps --quiet "${more[@]}" --filter "label=com.docker.compose.project=$(project)" \
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False | tac
}

# newcomers "OLD IDS" SERVICE
newcomers() { comm -13 <(sort <<<"$1") <(ids "$2" all | sort); }

health_of() { docker inspect --format '{{.State.Status}}/{{if .State.Health}}{{.State.Health.Status}}{{end}}' "$1" 2>/dev/null; }

# wait_healthy ID…: 1 as soon as one is broken, or when time is up.
wait_healthy() {
  local id now deadline=$((SECONDS + HEALTH_SECONDS)) waiting=("$@") left restarts
  while ((${#waiting[@]})); do
    left=()
    for id in "${waiting[@]}"; do
      now=$(health_of "$id") || return 1
      restarts=$(docker inspect --format '{{.RestartCount}}' "$id")
      [[ $now != exited/* && $now != */unhealthy && $restarts -lt 2 ]] || return 1
      [[ $now == running/healthy ]] || left+=("$id")
    done
    waiting=("${left[@]}")
    ((SECONDS < deadline)) || return 1
    ((${#waiting[@]} == 0)) || sleep 1
  done
}

show_end() { # show_end ID…: the last lines of a container that did not come up
  local id
  for id in "$@"; do docker logs --tail 25 "$id" >&2 || true; done
}

image_of() { printf '%s-%s:%s' "$(value_of IMAGE_NAME batchgen)" "$1" "$2"; } # image_of backend|front|acme TAG

has_image() { [[ -n $1 ]] && docker image inspect "$(image_of backend "$1")" >/dev/null 2>&1; } # has_image TAG

build() { # build TAG
  say "Building $1 …"
  local services=(web nginx)
  ! acme_on || services+=(acme)
  compose "$1" build --quiet "${services[@]}" >/dev/null ||
    die "The images could not be built; see above. What runs was not touched."
}

# Only what runs, what ran before, and nothing else of ours is kept.
forget_images() {
  local part tag
  for part in backend front acme; do
    docker image ls --format '{{.Tag}}' "$(value_of IMAGE_NAME batchgen)-$part" | while read -r tag; do
      [[ $tag == "$(remembered current)" || $tag == "$(remembered previous)" || $tag == local ]] ||
        docker image rm "$(image_of "$part" "$tag")" >/dev/null 2>&1 || true
    done
  done
}

in_nginx() { docker exec "$(ids nginx | tail -n 1)" "$@"; }

# Read by Nginx as its own user, so they are copied; the key travels by standard input.
install_certificate() {
  local certificate key
  certificate=$(value_of TLS_CERTIFICATE) key=$(value_of TLS_KEY)
  if [[ -z $certificate$key ]]; then # none given: what was given before must not stay
    acme_on || ! docker volume inspect "$(project)_tls" >/dev/null 2>&1 ||
      helper front "$1" --volume "$(project)_tls:/tls" -- rm -f /tls/fullchain.pem /tls/privkey.pem
    return
  fi
  [[ -r $certificate && -r $key ]] || die "TLS_CERTIFICATE and TLS_KEY must both name files that can be read here."
  say "Installing the certificate …"
  tar -cf - --transform 's|.*|fullchain.pem|' -C / -h "${certificate#/}" |
    helper front "$1" --volume "$(project)_tls:/tls" -- tar -xf - -C /tls --no-same-owner
  tar -cf - --transform 's|.*|privkey.pem|' --mode=0600 -C / -h "${key#/}" |
    helper front "$1" --volume "$(project)_tls:/tls" -- tar -xf - -C /tls --no-same-owner
}

acme_on() { [[ -n $(value_of ACME_EMAIL) && -z $(value_of TLS_CERTIFICATE) ]]; }

# Nginx serves while the certificate comes, and takes it by itself.
run_acme() { # run_acme TAG
  if acme_on; then
    say "The certificate comes by ACME from $(value_of ACME_SERVER "Let's Encrypt"); see: ./deploy.sh logs acme"
    compose "$1" up --detach --no-deps --no-build acme >/dev/null 2>&1 || die "The container acme did not start."
  else
    compose "$1" --profile acme rm --stop --force acme >/dev/null 2>&1 || true
  fi
}

# helper IMAGE TAG DOCKER-OPTIONS… -- COMMAND…: a short-lived container without a network
helper() {
  local image options=()
  image=$(image_of "$1" "$2")
  shift 2
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  docker run --rm --interactive --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true \
    "${options[@]}" --entrypoint "" "$image" "${@:2}"
}
