#!/usr/bin/env bash
# BatchGen Pro on this machine, in containers. `./deploy.sh help` lists the commands; Docs/admin.md explains them.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/scripts/lib.sh"
for part in env compose rolling backup doctor; do
  # shellcheck disable=SC1090 # each is checked by itself
  . "$ROOT/scripts/deploy/$part.sh"
done

PROFILES=(--profile acme --profile monitoring --profile flower)

cmd_help() { ## This list
  sed -nE 's/^cmd_([a-z]+)\(\) \{ ## (([^:]*): )?(.*)/\1\t\3\t\4/p' "$ROOT/deploy.sh" |
    awk -F '\t' '{ printf "  ./deploy.sh %-32s %s\n", $1 " " $2, $3 }'
}

# One at a time: two that build and switch at once would undo each other.
lock() {
  mkdir -p "$STATE"
  exec 7>"$STATE/lock"
  flock --nonblock 7 || die "Another deploy.sh is at work here; wait for it."
}

read_scale() { # [--scale worker=N]: how many workers from now on
  case ${1:-} in
    '') ;;
    --scale) [[ ${2:-} =~ ^worker=([1-9][0-9]?)$ ]] || die "Write: --scale worker=3" ;;
    *) die "There is no option '$1'; there is: --scale worker=3" ;;
  esac
  [[ -z ${1:-} ]] || remember workers "${BASH_REMATCH[1]}"
}

workers() { remembered workers "$(value_of WORKERS 1)"; }

cmd_deploy() { ## [dev|prod] [--scale worker=N]: check, build, start everything, wait until it is healthy
  local mode=${1:-prod} tag
  [[ $mode == dev || $mode == prod ]] || die "Write: ./deploy.sh deploy dev, or ./deploy.sh deploy prod"
  need_engine
  lock
  say "Deploying $(version) ($mode) …"
  make_env "$mode"
  read_scale "${@:2}"
  if [[ -n $(ids web) && -n $(ids nginx) ]]; then
    update
    return
  fi
  doctor_ports
  ((TROUBLES == 0)) || die "Nothing was started."
  tag=$(new_tag)
  build "$tag"
  install_certificate "$tag"
  start "$tag"
}

not_started() {
  # shellcheck disable=SC2046 # one word each
  show_end $(ids redis all) $(ids web all) $(ids worker all) $(ids nginx all)
  die "It is not healthy; see above, or run: ./deploy.sh doctor"
}

start() { # start TAG
  say "Starting redis, web, worker (x$(workers)), nginx …"
  compose "$1" up --detach --no-build --remove-orphans --scale "worker=$(workers)" redis web worker nginx >/dev/null ||
    not_started
  run_acme "$1"
  # shellcheck disable=SC2046 # one word each
  wait_healthy $(ids redis) $(ids web) $(ids worker) $(ids nginx) || not_started
  [[ $(remembered current) == "$1" ]] || remember previous "$(remembered current)"
  remember current "$1"
  remember front "$(front_settings)"
  forget_images
  status
}

update() {
  local tag
  tag=$(new_tag)
  build "$tag"
  install_certificate "$tag"
  roll "$tag" "$(workers)"
  in_nginx sh /etc/batchgen/start.sh reload
  run_acme "$tag"
  forget_images
  status
}

cmd_update() { ## Build the present code beside what runs, go over without a stop, go back if it is not healthy
  need_engine
  lock
  [[ -n $(ids web) ]] || die "Nothing runs here; run: ./deploy.sh deploy"
  make_env prod
  update
}

cmd_rollback() { ## Go back to the version before, without a stop
  local tag
  need_engine
  lock
  tag=$(remembered previous)
  has_image "$tag" || die "There is no version before this one here."
  roll "$tag" "$(workers)"
  status
}

cmd_stop() { ## Stop everything after the pictures being made are finished; data stays
  need_engine
  lock
  say "Stopping; pictures that are being made are finished first …"
  # in this order: nobody asks, nobody works, then Redis
  for service in acme nginx web worker flower grafana prometheus redis; do
    compose "$(remembered current local)" "${PROFILES[@]}" stop "$service" >/dev/null 2>&1
  done
  say "Stopped. Start again: ./deploy.sh restart"
}

cmd_restart() { ## Start what was stopped, or stop and start it
  need_engine
  lock
  [[ -n $(remembered current) ]] || die "Nothing was deployed here; run: ./deploy.sh deploy"
  for service in nginx web worker; do compose "$(remembered current)" stop "$service" >/dev/null 2>&1; done
  start "$(remembered current)"
}

status() {
  local service id words
  for service in redis web worker nginx acme prometheus grafana flower; do
    for id in $(ids "$service" all); do
      words=$(docker inspect --format '{{.Config.Image}}' "$id")
      printf '%-11s %-20s %s\n' "$service" "$(health_of "$id")" "$words"
    done
  done
  [[ -z $(ids nginx) ]] || printf 'BatchGen Pro is at %s\n' "$(value_of PUBLIC_URL)"
}

cmd_status() { ## The state of each part, and the address
  need_engine
  status
  [[ -n $(ids web) ]] || die "It does not run."
}

cmd_logs() { ## [service]: the last lines of all parts, or of nginx, web, worker, redis, acme; FOLLOW=1 goes on
  local more=()
  need_engine
  [[ -z ${FOLLOW:-} ]] || more=(--follow)
  compose "$(remembered current local)" logs --tail 200 "${more[@]}" "$@"
}

cmd_admin() { ## NAME: make an admin, or give one a new password (asks for it)
  local terminal=()
  [[ -n ${1:-} ]] || die "Say who: ./deploy.sh admin ann"
  need_engine
  [[ -n $(ids web) ]] || die "It does not run; run: ./deploy.sh deploy"
  [[ ! -t 0 ]] || terminal=(--tty)
  docker exec --interactive "${terminal[@]}" "$(ids web | tail -n 1)" python -m batchgen.admin create-admin "$1"
}

cmd_backup() { ## [file]: state and files, consistent, while it runs
  need_engine
  lock
  [[ -n $(ids redis) ]] || die "Redis does not run, so there is no state to save; run: ./deploy.sh restart"
  backup_to "$(realpath -m "${1:-$(value_of BACKUP_DIR "$ROOT/var/backups")/batchgen-$(date -u +%Y%m%d-%H%M%S).tar}")"
}

cmd_restore() { ## file: bring a backup back, on a host that holds no data
  local tag file
  file=$(realpath -m "${1:?Write: ./deploy.sh restore FILE}")
  need_engine
  lock
  check_backup "$file"
  make_env prod
  tag=$(remembered current)
  if ! has_image "$tag"; then
    tag=$(new_tag)
    build "$tag"
  fi
  [[ -z $(ids web)$(ids redis) ]] || die "It is running; stop it and remove its data first: ./deploy.sh down --data"
  ! has_data "$tag" || die "There is data here already; remove it first: ./deploy.sh down --data"
  say "Restoring $(tar -xOf "$file" batchgen.txt | tr '\n' ' ')…"
  restore_from "$file" "$tag"
  install_certificate "$tag"
  start "$tag"
}

cmd_doctor() { ## What is wrong, in one sentence each with the fix
  need_engine
  well "Docker $(docker version --format '{{.Server.Version}}') and ${COMPOSE[*]} $("${COMPOSE[@]}" version --short) answer"
  for part in settings catalogue host ports certificate parts service backup; do "doctor_$part"; done
  ((TROUBLES == 0)) || die "$TROUBLES to mend."
  well "Nothing is wrong."
}

cmd_down() { ## [--data]: remove the containers; with --data also everything that people made
  need_engine
  lock
  if [[ ${1:-} == --data ]]; then
    say "Removing everything, with uploads, results and accounts …"
    compose "$(remembered current local)" "${PROFILES[@]}" down --volumes --remove-orphans >/dev/null 2>&1
  else
    compose "$(remembered current local)" "${PROFILES[@]}" down --remove-orphans >/dev/null 2>&1
    say "Removed the containers; the data stays. Start again: ./deploy.sh deploy"
  fi
}

command=${1:-help}
declare -F "cmd_$command" >/dev/null || die "There is no command '$command'; see: ./deploy.sh help"
"cmd_$command" "${@:2}"
