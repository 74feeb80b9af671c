#!/usr/bin/env bash
# Prints how long the release binary takes for the Dailys list of 100,000 invites on SQLite: page 1, page 500, a search
# by a role's name and each order, each beside the same SELECT without paging, and how SQLite answers every statement.
#
#   tests/bench/dailys-list.sh            100,000 invites
#   tests/bench/dailys-list.sh 5000       another number, for a first look (there may be no page 500 then)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

count=${1-100000}
case "$count" in
'' | *[!0-9]*)
    echo "usage: dailys-list.sh [NUMBER]" >&2
    exit 2
    ;;
esac

target=${CARGO_TARGET_DIR:-$root/target}
build=(cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml")
CARGO_TARGET_DIR="$target" "${build[@]}" --package invite-server --bin invite
CARGO_TARGET_DIR="$target" "${build[@]}" --package invite-tests --example dailys-list

python3 "$here/dailys-list.py" "$target/release/invite" "$target/release/examples/dailys-list" "$count"
