# For scripts that need a running server; sourced. Pure bash: a fresh machine may lack curl.

# The binary under test.
binary="${NUANLIN_TEST_BINARY:-${CARGO_TARGET_DIR:-target}/release/nuanlin}"
scratch="$(mktemp -d)"
server=

# Whatever ends the script ends the server and removes its data.
trap 'stop; rm -rf "$scratch"' EXIT

stop() {
  if [[ -n "$server" ]]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}

# Prints a loopback port that nobody listens on, below those of outgoing connections.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# Whether /readyz of the server on port $1 answers 200.
is_ready() {
  local status=
  { exec 3<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  read -r status <&3 || true
  exec 3<&- 3>&-
  [[ "$status" == "HTTP/1.1 200"* ]]
}

# Starts the binary with the given arguments on port $1 and waits until it is ready.
start() {
  local port=$1 deadline=$((SECONDS + 120))
  shift
  "$binary" "$@" --listen "127.0.0.1:$port" >"$scratch/log" 2>&1 &
  server=$!
  until is_ready "$port"; do
    if ((SECONDS > deadline)) || ! kill -0 "$server" 2>/dev/null; then
      echo "the server did not become ready:" >&2
      tail -n 50 "$scratch/log" >&2
      return 1
    fi
    sleep 0.002
  done
}
