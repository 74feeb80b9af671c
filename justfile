# Each recipe is a line one can paste. `just --list` names them.

# everything embedded on this machine: API, pages, a mailbox at /mailbox
dev *ARGS:
    cargo run -- dev {{ARGS}}

# all tests; builds the binary that the journeys start
test *ARGS:
    cargo test --workspace {{ARGS}}

# what a change has to pass
ci:
    .ci/run

# format the sources
fmt:
    cargo fmt

# clippy, warnings are errors
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# the crates' documentation, warnings are errors
doc *ARGS:
    RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --workspace {{ARGS}}

# release builds: median cold start and resident memory, beside a bare actix-web binary
bench-start:
    tests/bench/cold-start.sh

# release build: the Dailys list of 100,000 invites, beside the same SELECT without paging
bench-dailys:
    tests/bench/dailys-list.sh

# kill -9 right after an issue is acknowledged, start again, look for its mail: 20 times
kill-loop:
    cargo build && cargo test -p invite-tests --test kill_loop -- --nocapture

# rewrite the insta snapshots; review them with `git diff` before committing
snapshots *ARGS:
    INSTA_UPDATE=always cargo test --workspace {{ARGS}}
