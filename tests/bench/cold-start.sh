#!/usr/bin/env bash
# Prints the median of 20 cold starts to the first 200 of /readyz, and resident memory, of the release binary and
# of a bare actix-web binary beside it.
#
#   tests/bench/cold-start.sh            builds and measures both
#   tests/bench/cold-start.sh --bare     only the bare one, to see what this machine gives
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

# Each package has its own target folder, whatever the environment says.
CARGO_TARGET_DIR="$here/bare/target" cargo build --quiet --release --locked --manifest-path "$here/bare/Cargo.toml"
binaries=("$here/bare/target/release/bare")

case "${1-}" in
--bare) ;;
'')
    target=${CARGO_TARGET_DIR:-$root/target}
    CARGO_TARGET_DIR="$target" cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml" --bin invite
    binaries+=("$target/release/invite")
    ;;
*)
    echo "usage: cold-start.sh [--bare]" >&2
    exit 2
    ;;
esac

python3 "$here/cold-start.py" "${binaries[@]}"
