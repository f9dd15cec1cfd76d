# shellcheck shell=bash
# Sourced by deploy.sh: everything that cannot be made again, in one file; and back.

# Redis comes first and the files after it: whatever the state names was on disk by then, and what came since
# is a file that nothing names. So nothing has to stop.
save_state() { # Redis writes its snapshot beside its data
  docker exec "$(ids redis)" sh -c \
    'REDISCLI_AUTH=$REDIS_PASSWORD redis-cli --rdb /data/backup.rdb >/dev/null 2>&1 && chmod 644 /data/backup.rdb'
}

facts() { printf 'version=%s\nrevision=%s\nmade=%s\n' "$(version)" "$(revision)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"; }

write_backup() { # write_backup FILE TAG
  # shellcheck disable=SC2016 # the container's variables; tar's 1 says that files came and went meanwhile
  helper backend "$2" --user 0 --cap-add DAC_READ_SEARCH --env "FACTS=$(facts)" --tmpfs /tmp \
    --volume "$(project)_redis:/backup/redis:ro" --volume "$(project)_files:/backup/data:ro" \
    -- sh -c 'printf "%s\n" "$FACTS" >/tmp/batchgen.txt &&
      { tar -cf - --exclude=data/files/tmp --warning=no-file-changed --warning=no-file-removed -C /tmp batchgen.txt \
        -C /backup redis/backup.rdb $([ ! -d /backup/data/files ] || echo data/files) || [ $? -eq 1 ]; }' >"$1"
}

backup_to() { # backup_to FILE
  local file=$1 part
  part=$file.part
  umask 077
  mkdir -p "$(dirname "$file")"
  save_state || die "Redis did not write its snapshot; is it running? See: ./deploy.sh doctor"
  local status=0
  write_backup "$part" "$(remembered current)" || status=$?
  docker exec "$(ids redis)" rm -f /data/backup.rdb
  if ((status)); then
    rm -f "$part"
    die "The backup could not be written; is the disk full?"
  fi
  tar -tf "$part" redis/backup.rdb batchgen.txt >/dev/null || die "The backup cannot be read back."
  mv "$part" "$file"
  (cd "$(dirname "$file")" && sha256sum "$(basename "$file")" >"$(basename "$file").sha256")
  remember backup "$file"
  say "Backup: $file ($(du -h "$file" | cut -f 1)), mode 0600. It holds people's pictures; .env and its keys are not in it."
}

check_backup() { # before anything is changed
  [[ -r $1 ]] || die "There is no backup $1."
  if [[ -f $1.sha256 ]]; then
    (cd "$(dirname "$1")" && sha256sum --quiet --check "$(basename "$1").sha256") || die "The backup is damaged: its checksum differs."
  fi
  tar -tf "$1" redis/backup.rdb batchgen.txt >/dev/null 2>&1 || die "That is no backup of BatchGen Pro: $1"
}

has_data() { # whether a volume of ours holds anything
  docker volume inspect "$(project)_redis" >/dev/null 2>&1 &&
    [[ -n $(helper backend "$1" --user 0 --cap-add DAC_READ_SEARCH --volume "$(project)_redis:/redis" \
      --volume "$(project)_files:/data" -- sh -c 'ls -A /redis /data | grep -v -e : -e "^$"' || true) ]]
}

# The snapshot becomes the append-only file that Redis reads from then on.
load_state() {
  docker run --rm --interactive --network none --user 999 --volume "$(project)_redis:/data" --entrypoint "" \
    "$(value_of REDIS_IMAGE redis:7-bookworm)" sh -ec '
      cat >/data/dump.rdb
      redis-server --dir /data --dbfilename dump.rdb --save "" --appendonly no --port 0 --unixsocket /tmp/r --daemonize yes >/dev/null
      ask() { redis-cli -s /tmp/r "$@"; }
      until [ "$(ask ping 2>/dev/null)" = PONG ]; do sleep 0.2; done
      ask config set appendonly yes >/dev/null
      until ask info persistence | tr -d "\r" | grep -qx aof_rewrite_in_progress:0 &&
        ask info persistence | tr -d "\r" | grep -qx aof_rewrite_scheduled:0; do sleep 0.2; done
      ask info persistence | tr -d "\r" | grep -qx aof_last_bgrewrite_status:ok
      ask shutdown nosave
      rm /data/dump.rdb'
}

restore_from() { # restore_from FILE TAG
  compose "$2" up --no-start --no-build redis web >/dev/null 2>&1 || die "The containers could not be made."
  tar -xOf "$1" redis/backup.rdb | load_state || die "Redis could not load the backup."
  helper backend "$2" --volume "$(project)_files:/data" -- \
    sh -c 'tar -xf - -C / --no-same-owner --exclude=redis --exclude=batchgen.txt' <"$1" || die "The files could not be written."
}
