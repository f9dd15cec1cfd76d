#!/usr/bin/env bash
# BatchGen Pro on another machine, over ssh: sends the committed code and runs deploy.sh there.
# Where to: DEPLOY_HOST, DEPLOY_USER, DEPLOY_PATH, DEPLOY_PORT of the environment or .env, or the options before the command:
#   ./deploy-server.sh --host images.example.com --user deploy --path /srv/batchgen update
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/scripts/lib.sh"
# shellcheck source=scripts/deploy/env.sh
. "$ROOT/scripts/deploy/env.sh"

cmd_help() { ## This list
  say "  ./deploy-server.sh [--host H] [--user U] [--path P] [--port N] [--known-hosts FILE] [--key FILE] COMMAND"
  sed -nE 's/^cmd_([a-z]+)\(\) \{ ## (([^:]*): )?(.*)/\1\t\3\t\4/p' "$ROOT/deploy-server.sh" |
    awk -F '\t' '{ printf "  %-20s %s\n", $1 " " $2, $3 }'
}

read_options() {
  HOST_NAME=$(value_of DEPLOY_HOST) USER_NAME=$(value_of DEPLOY_USER) FOLDER=$(value_of DEPLOY_PATH)
  SSH_PORT=$(value_of DEPLOY_PORT 22) KNOWN_HOSTS=$(value_of DEPLOY_KNOWN_HOSTS) KEY_FILE=$(value_of DEPLOY_KEY)
  while [[ ${1:-} == --* ]]; do
    case $1 in
      --host) HOST_NAME=${2:?} ;;
      --user) USER_NAME=${2:?} ;;
      --path) FOLDER=${2:?} ;;
      --port) SSH_PORT=${2:?} ;;
      --known-hosts) KNOWN_HOSTS=${2:?} ;;
      --key) KEY_FILE=${2:?} ;;
      *) die "There is no option '$1'; see: ./deploy-server.sh help" ;;
    esac
    shift 2
  done
  COMMAND=("$@")
}

check_options() {
  [[ -n $HOST_NAME ]] || die "Where to? Set DEPLOY_HOST in .env, or give --host."
  [[ -n $FOLDER ]] || die "Into which folder there? Set DEPLOY_PATH in .env, or give --path."
  [[ $HOST_NAME =~ ^[A-Za-z0-9._:-]+$ && $HOST_NAME != -* ]] || die "DEPLOY_HOST is no host name: $HOST_NAME"
  [[ $FOLDER =~ ^/[A-Za-z0-9._/-]+$ ]] || die "DEPLOY_PATH must be an absolute path without spaces: $FOLDER"
  have ssh || die "There is no ssh here; install openssh-client."
}

# An unknown or changed host key ends it: whoever answers would get the code and could answer as us.
remote() { # remote COMMAND: a shell command there
  local options=(-o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -p "$SSH_PORT")
  [[ -z $KNOWN_HOSTS ]] || options+=(-o "UserKnownHostsFile=$KNOWN_HOSTS")
  [[ -z $KEY_FILE ]] || options+=(-o IdentitiesOnly=yes -i "$KEY_FILE")
  # shellcheck disable=SC2029 # paths are checked above and filled in here
  ssh "${options[@]}" "${USER_NAME:+$USER_NAME@}$HOST_NAME" "$1"
}

reach() {
  remote true </dev/null ||
    die "$HOST_NAME cannot be reached by ssh as ${USER_NAME:-$(id -un)}; if its key is new, check it and run once: ssh -p $SSH_PORT ${USER_NAME:+$USER_NAME@}$HOST_NAME"
}

# Every version lies in a folder of its own; .env and var/ are shared by all. `current` names the one that runs.
send() { # prints the folder there
  local revision release
  revision=$(git -C "$ROOT" rev-parse --short=12 HEAD) || die "This is no git checkout; only committed code is sent."
  [[ -z $(git -C "$ROOT" status --porcelain) ]] || say "Note: changes that are not committed are not sent."
  release=$FOLDER/releases/$revision
  say "Sending $revision to $HOST_NAME:$release …"
  # the modes of a checkout, so that a build there finds its layers again
  git -C "$ROOT" -c tar.umask=0022 archive --format=tar HEAD | gzip -1 |
    remote "umask 022 && mkdir -p $release $FOLDER/shared/var && chmod 700 $FOLDER/shared && tar -xzf - -C $release &&
      printf %s $revision >$release/REVISION && (umask 077; touch $FOLDER/shared/.env) &&
      ln -sfn $FOLDER/shared/.env $release/.env && ln -sfn $FOLDER/shared/var $release/var" ||
    die "The code could not be sent; is $FOLDER writable there, and is there room?"
  printf '%s' "$release"
}

run_there() { # run_there FOLDER COMMAND…
  local words
  printf -v words ' %q' "${@:2}"
  remote "cd $1 && bash deploy.sh$words" </dev/null
}

keep_three() { remote "cd $FOLDER/releases && ls -1t | tail -n +4 | xargs -r rm -rf --" </dev/null; }

cmd_deploy() { ## [dev|prod]: send the code and start it there
  local release
  reach
  release=$(send)
  run_there "$release" deploy "${1:-prod}" || die "It did not start; see above, or: ./deploy-server.sh logs"
  remote "ln -sfn $release $FOLDER/current" </dev/null
  keep_three
}

cmd_update() { ## Send the code and go over to it without a stop; it goes back by itself when it is not healthy
  local release
  reach
  release=$(send)
  run_there "$release" update || die "The version before goes on; what failed stands above."
  remote "ln -sfn $release $FOLDER/current" </dev/null
  keep_three
}

there() {
  reach
  remote "test -e $FOLDER/current" </dev/null || die "Nothing was deployed to $HOST_NAME:$FOLDER; run: ./deploy-server.sh deploy"
  run_there "$FOLDER/current" "$@"
}

cmd_status() { ## The state of each part there
  there status
}

cmd_logs() { ## [service]: the last lines there
  there logs "$@"
}

cmd_rollback() { ## Go back to the version before, without a stop
  there rollback
}

cmd_backup() { ## [file]: make a backup there, and fetch it into that file here
  local file=${1:-$(value_of BACKUP_DIR "$ROOT/var/backups")/$HOST_NAME-$(date -u +%Y%m%d-%H%M%S).tar} name
  name=$FOLDER/shared/var/backups/$(basename "$file")
  there backup "$name"
  umask 077
  mkdir -p "$(dirname "$file")"
  remote "cat $(printf %q "$name")" </dev/null >"$file.part" || die "The backup was made there but could not be fetched: $name"
  [[ $(sha256sum <"$file.part") == "$(remote "sha256sum <$(printf %q "$name")" </dev/null)" ]] || die "The backup was damaged on its way."
  mv "$file.part" "$file"
  say "Fetched: $file"
}

read_options "$@"
set -- "${COMMAND[@]}"
command=${1:-help}
declare -F "cmd_$command" >/dev/null || die "There is no command '$command'; see: ./deploy-server.sh help"
[[ $command == help ]] || check_options
"cmd_$command" "${@:2}"
