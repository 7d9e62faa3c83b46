# What the benchmarks share: a database of a size, made once, servers before it, and what they cost.
#
# Sourced with SIZE set. Everything lives in BENCH_DIR, by default a folder of the system's temporary ones.

readonly DIR="${BENCH_DIR:-${TMPDIR:-/tmp}/nuanlin-bench}/$SIZE"
readonly TARGET="${CARGO_TARGET_DIR:-target}"
readonly EMBEDDED="$DIR/embedded/nuanlin.db"
readonly PORT=25432 API=28080 ADMIN=29080 HAND=28070
export NUANLIN_KEYS_DIR="$DIR/keys" DATABASE_URL="postgres://nuanlin@127.0.0.1:$PORT/bench"
export NUANLIN_STORE_URL="$DIR/files"

for tool in wrk curl xxd psql; do
  command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }
done
bin="$(dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")"
if [[ -z "${BENCH_BUILT:-}" ]]; then
  cargo build --release --locked -p nuanlin -p bench
fi

# PostgreSQL refuses to run as root.
as_postgres() {
  if ((EUID == 0)); then su postgres -c "$(printf '%q ' "$@")"; else "$@"; fi
}

started=()
finish() {
  ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
  wait
  as_postgres "$bin/pg_ctl" -D "$DIR/postgres" -m fast stop >/dev/null 2>&1 || true
}
trap finish EXIT

sql() { psql -h 127.0.0.1 -p "$PORT" -U nuanlin -d "${2:-bench}" -qAt -c "$1"; }

# Starts PostgreSQL, with the made-up city in it.
open_database() {
  mkdir -p "$DIR/files"
  if [[ ! -e "$DIR/made" ]]; then
    rm -rf "$DIR/postgres" "$DIR/keys"
    mkdir "$DIR/postgres"
    ((EUID != 0)) || chown postgres "$DIR/postgres"
    as_postgres "$bin/initdb" -D "$DIR/postgres" -A trust -U nuanlin --locale=C.UTF-8 >/dev/null
    printf '%s\n' "port = $PORT" "unix_socket_directories = ''" "shared_buffers = 2GB" "max_wal_size = 8GB" \
      "synchronous_commit = off" >>"$DIR/postgres/postgresql.conf"
  fi
  as_postgres "$bin/pg_ctl" -D "$DIR/postgres" -l "$DIR/postgres/log" -w start >/dev/null
  if [[ ! -e "$DIR/made" ]]; then
    sql "CREATE DATABASE bench" postgres
    "$TARGET/release/nuanlin" keys "$NUANLIN_KEYS_DIR" >/dev/null
    "$TARGET/release/nuanlin" generate --size "$SIZE"
    touch "$DIR/made"
  fi
  "$TARGET/release/nuanlin" migrate up >/dev/null
  sql "VACUUM ANALYZE"
  postmaster="$(head -n 1 "$DIR/postgres/postmaster.pid")"
}

# Makes such a city in an embedded database, with the same keys.
make_embedded() {
  mkdir -p "$DIR/embedded"
  if [[ ! -e "$DIR/embedded/made" ]]; then
    rm -f "$EMBEDDED"*
    DATABASE_URL="sqlite://$EMBEDDED" "$TARGET/release/nuanlin" generate --size "$SIZE"
    touch "$DIR/embedded/made"
  fi
  DATABASE_URL="sqlite://$EMBEDDED" "$TARGET/release/nuanlin" migrate up >/dev/null
}

# Starts the nth server and waits until it and the database rest, with what a new day asks for done; its process is in
# `server`.
serve() { # n, options…
  local n=$1
  shift
  "$TARGET/release/nuanlin" serve --listen "127.0.0.1:$((API + n))" --admin-listen "127.0.0.1:$((ADMIN + n))" "$@" \
    >"$DIR/api.$n.log" 2>&1 &
  server=$!
  started+=("$server")
  until curl -sf "http://127.0.0.1:$((ADMIN + n))/readyz" |
    grep -q '"generateVisits":{"failures":0,"finished_at":"'; do sleep 1; done
  local used=0 before=-1000000 tries
  for ((tries = 0; tries < 100 && used - before > 100000; tries++)); do
    before=$used
    sleep 3
    kill -0 "$server" || exit 1
    used=$(($(cpu "$server") + $(cpu "$postmaster")))
  done
}

# Asks a server once; the request's body stays in body.json.
graphql() { # token, query, variables, the nth server where it is not the first
  printf '{"query":"%s","variables":%s}' "$(printf %s "$2" | tr '\n' ' ' | sed 's/"/\\"/g')" "${3:-{\}}" >"$DIR/body.json"
  curl -s "http://127.0.0.1:$((API + ${4:-0}))/graphql" -H 'Content-Type: application/json' -H "Authorization: Bearer $1" \
    --data-binary "@$DIR/body.json"
}

sign_in() { # number of the account, of the nth server where it is not the first
  # Written at once: several sign in at the same time.
  printf '%s\n' "$(curl -s "http://127.0.0.1:$((API + ${2:-0}))/graphql" -H 'Content-Type: application/json' \
    --data-binary "$(printf \
      '{"query":"mutation { signIn(input: {phone: \\"164%08d\\", password: \\"nuanlin-demo-1\\"}) { accessToken } }"}' "$1")" |
    sed 's/.*"accessToken":"\([^"]*\)".*/\1/')"
}
export -f sign_in
export API

# Signs in as many of the thousand volunteers of the first community; their tokens are in `tokens`.
sign_in_volunteers() { # how many
  local first
  # One account, which planned everything, has no number.
  first="$(sql "SELECT COUNT(*) - 1001 FROM account")"
  seq "$first" $((first + $1 - 1)) | xargs -P 4 -I{} bash -c 'sign_in {}' >"$DIR/tokens"
}

# The opaque form of an id: the kind's byte before the key.
opaque() { printf '%s%s' "$1" "${2//-/}" | xxd -r -p | base64 | tr '+/' '-_' | tr -d '='; }

# Opens what earlier claims took and reports told, so that it can be claimed again.
forget_claims() { # a file with the keys of visits that were reported, where there is one
  local told="'{}'::uuid[]"
  [[ ! -s "${1:-}" ]] || told="'{$(paste -sd, "$1")}'::uuid[]"
  sql "DELETE FROM visit_report WHERE visit_task_id = ANY($told)"
  sql "UPDATE visit_task SET status = 'OPEN', claimed_by = NULL, claimed_at = NULL, lease_until = NULL, reported_by = NULL,
      reported_at = NULL, started_at = NULL, occurred_at = NULL, outcome = NULL, method = NULL, arrival = NULL, verify_level = 0
    WHERE status = 'CLAIMED' OR id = ANY($told)"
  sql "TRUNCATE visit_claim, idempotency_key"
}

# The keys of open visits of the first community, those that end last first.
open_visits() { # how many
  sql "SELECT t.id FROM visit_task t JOIN area_closure c ON c.descendant_id = t.area_id
    JOIN area a ON a.id = c.ancestor_id AND a.code = '341102001001' WHERE t.status = 'OPEN' AND t.batch_id IS NULL
    ORDER BY t.due_at DESC, t.id LIMIT $1"
}

# Microseconds of CPU that a process and its children have used.
cpu() {
  local pids
  pids="$1 $(pgrep -P "$1" | tr '\n' ' ')"
  for pid in $pids; do cat "/proc/$pid/stat" 2>/dev/null || true; done |
    awk -v hertz="$(getconf CLK_TCK)" '{ sub(/^.*\) /, ""); used += $12 + $13
      if (NR == 1) used += $14 + $15 } END { printf "%d", used * 1000000 / hertz }'
}

# Megabytes of memory that a process has in use, or had at most.
memory() { # VmRSS or VmHWM, process
  awk -v what="$1:" '$1 == what { print int($2 / 1024) }' "/proc/$2/status"
}
