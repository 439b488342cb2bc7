#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own, made for it in a temporary folder and removed behind it:
#
#     tests/postgres/with_server.sh cargo test -p arrears postgres
#
# ARREARS_TEST_POSTGRES names the folder: in it are the Unix socket, the files `port` and `password` (of the superuser
# `postgres`) and `root.crt`, which vouches for the server's certificate, whose name is `localhost`. Through the socket nobody is
# asked for a password; through TCP everybody is. Needs PostgreSQL's programs and openssl.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")

# The server does not run as root.
as_owner=()
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
    owner=postgres
    id -u "$owner" >/dev/null 2>&1 || owner=nobody
    as_owner=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups env HOME=/)
fi

folder=$(mktemp -d)
stop() {
    [ ! -f "$folder/data/postmaster.pid" ] || "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM

(
    cd "$folder"
    openssl rand -hex 12 > password
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=root of a test" \
        -keyout root.key -out root.crt
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
        -keyout server.key -out server.csr
    printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > server.ext
    openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 \
        -extfile server.ext -out server.crt
    chmod 600 server.key
) 2> "$folder/openssl.log" || { cat "$folder/openssl.log" >&2; exit 1; }
[ ${#as_owner[@]} = 0 ] || chown -R "$owner" "$folder"
chmod 755 "$folder"

cd "$folder"
"${as_owner[@]}" "$bin/initdb" --no-sync -D data -U postgres --pwfile=password --locale=C.UTF-8 -E UTF8 \
    --auth-local=trust --auth-host=scram-sha-256 >/dev/null
cat >> data/postgresql.conf <<EOF
listen_addresses = 'localhost'
unix_socket_directories = '$folder'
ssl = on
ssl_cert_file = '$folder/server.crt'
ssl_key_file = '$folder/server.key'
max_connections = 100
fsync = off
EOF
# A free port; between finding it and taking it another may have taken it.
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    if "${as_owner[@]}" "$bin/pg_ctl" -D data -o "-p $port" -l log -w start >/dev/null; then
        echo "$port" > port
        break
    fi
done
[ -f port ] || { cat log >&2; exit 1; }
cd "$OLDPWD"

ARREARS_TEST_POSTGRES="$folder" "$@"
