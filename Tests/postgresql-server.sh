#!/bin/sh
# postgresql-server.sh PORT [SETTING=VALUE...]: a throw-away PostgreSQL on 127.0.0.1, for tests.
#
# Says "ready FOLDER" once it answers, then obeys commands on standard input, a line each, and answers each with "done":
#   stop     an orderly stop that ends all connections      start    starts it again
#   kill     kill -9 of the server and all its processes    freeze   SIGSTOP to all of them; thaw: SIGCONT
#   promote  makes a standby the primary
# With DOORWARD_STANDBY_OF=PORT it is a standby of the server there, which copies it and follows it.
# When standard input ends, however its owner ended, the server is stopped and all of it removed. PostgreSQL does not
# run as root: `runuser -u postgres -- postgresql-server.sh …` then. Exit code 77: it is not installed.
port=$1
shift
settings=""
for setting in "$@"; do settings="$settings -c $setting"; done
binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -x "$binaries/initdb" ] || binaries=$(dirname "$(command -v initdb)" 2>/dev/null)
[ -x "$binaries/initdb" ] || exit 77
cd / || exit 1
umask 077
folder=$(mktemp -d "${TMPDIR:-/tmp}/doorward-postgresql.XXXXXX") || exit 1
make() {
  if [ -n "$DOORWARD_STANDBY_OF" ]; then
    "$binaries/pg_basebackup" -h 127.0.0.1 -p "$DOORWARD_STANDBY_OF" -U postgres --no-sync -c fast -X stream -R -D "$folder/data"
  else
    "$binaries/initdb" -A trust --no-sync -E UTF8 --locale=C -U postgres -D "$folder/data"
  fi
}
make >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log" >&2
  rm -rf "$folder"
  exit 1
}

processes() { echo "$server $(ps -o pid= --ppid "$server")"; }

start() {
  # A session of its own: what ends this script's terminal must not end it.
  setsid "$binaries/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 $settings \
    >>"$folder/log" 2>&1 </dev/null &
  server=$!
  until "$binaries/pg_isready" -q -h 127.0.0.1 -p "$port" -d postgres; do
    kill -0 "$server" 2>/dev/null || { tail -5 "$folder/log" >&2; return 1; }
    sleep 0.05
  done
}

halt() {
  kill -CONT $(processes) 2>/dev/null
  kill "-$1" $2 2>/dev/null
  wait "$server" 2>/dev/null
}

trap '' HUP INT TERM
if start; then
  echo "ready $folder"
  while read -r command; do
    case $command in
      stop) halt INT "$server" ;;
      kill) halt KILL "$(processes)" ;;
      start) start ;;
      freeze) kill -STOP $(processes) ;;
      thaw) kill -CONT $(processes) ;;
      promote) "$binaries/pg_ctl" promote -D "$folder/data" >>"$folder/log" 2>&1 ;;
    esac
    echo "done"
  done
  status=0
else
  status=1
fi
halt QUIT "$server"
rm -rf "$folder"
exit $status
