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

# release builds on PostgreSQL and SQLite, beside the least that could be done: `--only issue,redeem --quick` for a minute of it
bench *OPTIONS:
    cargo build --profile dist --locked --package invite-server
    CARGO_TARGET_DIR=tests/bench/bare/target cargo build --release --locked --manifest-path tests/bench/bare/Cargo.toml
    cargo run --release --locked --package invite-tests --example bench -- --binary target/dist/invite {{OPTIONS}}

# release builds: median cold start and resident memory, beside a bare actix-web binary
bench-start:
    tests/bench/cold-start.sh

# release build: the Dailys list of 100,000 invites, beside the same SELECT without paging
bench-dailys:
    tests/bench/dailys-list.sh

# kill -9 right after an issue is acknowledged, start again, look for its mail: 20 times
kill-loop:
    cargo build && cargo test -p invite-tests --test kill_loop -- --nocapture

# What the soaks run with: nothing left out, and figures written into the report.
soak := "INVITE_TEST_REQUIRE=postgres,mariadb INVITE_SOAK_REPORT='" + justfile_directory() + "/docs/assurance/report.md'"

# 2 to 64 redeemers of one invitation behind a barrier, on each of the four stores
soak-races ROUNDS="10000":
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-storage --test soak -- redeemer_races

# 64 people and 64 invitations at once, every pair of operations, many issues to one address, on each of the four stores
soak-pairs ROUNDS="300" PAIRS="7830":
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-storage --test soak -- different_invitations
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-storage --test soak -- issues_to_one_address
    {{soak}} INVITE_SOAK_ROUNDS={{PAIRS}} cargo test --release -p invite-storage --test soak -- pairs

# random operations against the pure rules
soak-random SQLITE="1000000" POSTGRES="200000" MARIADB="50000":
    {{soak}} INVITE_SOAK_ROUNDS={{SQLITE}} cargo test --release -p invite-storage --test soak -- random_operations::sqlite
    {{soak}} INVITE_SOAK_ROUNDS={{POSTGRES}} cargo test --release -p invite-storage --test soak -- random_operations::postgres
    {{soak}} INVITE_SOAK_ROUNDS={{MARIADB}} cargo test --release -p invite-storage --test soak -- random_operations::mariadb

# kill -9 of the service, on SQLite and on PostgreSQL, and of PostgreSQL itself, under load
soak-crashes SERVICE="300" POSTMASTER="100":
    cargo build --release -p invite-server
    {{soak}} INVITE_SOAK_ROUNDS={{SERVICE}} cargo test --release -p invite-tests --test crashes -- service_killed
    {{soak}} INVITE_SOAK_ROUNDS={{POSTMASTER}} cargo test --release -p invite-tests --test crashes -- postmaster

# connections cut at COMMIT, and after the final dot of a mail
soak-cuts COMMIT="1000" DOT="200":
    cargo build --release -p invite-server
    {{soak}} INVITE_SOAK_ROUNDS={{COMMIT}} cargo test --release -p invite-tests --test cuts -- commit
    {{soak}} INVITE_SOAK_ROUNDS=25 cargo test --release -p invite-tests --test cuts -- settlement
    {{soak}} INVITE_SOAK_ROUNDS={{DOT}} cargo test --release -p invite-tests --test cuts -- dot

# histories of two processes on one PostgreSQL, held to one order by a linearizability tester
soak-histories ROUNDS="10000":
    cargo build --release -p invite-server
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-tests --test linearizability -- two_processes
    {{soak}} cargo test --release -p invite-tests --test linearizability -- judge

# every state of the model, and each guard taken away in it
soak-model:
    {{soak}} INVITE_SOAK_ROUNDS=1 cargo test --release -p invite-tests --test model

# every guard taken out of the SQL store, one after the other: the named test has to turn red
soak-guards *NAME:
    {{soak}} cargo run -p invite-tests --example guards -- {{NAME}}

# issue, demote, remove, redeem and sponsor in every order and at once, on every store
soak-orders ROUNDS="2000":
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-storage --test soak -- authority_orders

# a hundred thousand random inviters, grants and changes against a reckoning with plain sets
soak-triples:
    cargo test --release -p invite-domain --lib -- --ignored --nocapture a_hundred_thousand

# forged tokens at the use cases, with the statements counted
soak-forgeries TOKENS="1000000":
    {{soak}} INVITE_SOAK_ROUNDS={{TOKENS}} cargo test --release -p invite-tests --test forged -- tok_1

# twice the service's capacity for a while: what it still does, and how fast it refuses the rest
overload SECONDS="300":
    cargo build --release -p invite-server
    {{soak}} INVITE_SOAK_ROUNDS={{SECONDS}} cargo test --release -p invite-tests --test overload

# the whole suite with all it leaves behind kept in target/canary, then a search there for every secret there was
canary:
    rm -rf target/canary && mkdir -p target/canary/left
    INVITE_TEST_CANARY='{{justfile_directory()}}/target/canary' INVITE_TEST_REQUIRE=postgres,mariadb,browser cargo test --workspace --no-fail-fast > target/canary/left/0-suite.log 2>&1
    {{soak}} INVITE_TEST_CANARY_SEARCH='{{justfile_directory()}}/target/canary' cargo test --release -p invite-tests --test canary

# what exists and what does not, asked for alternately: Welch's t of their times, and that of a planted difference
timing SAMPLES="10000":
    cargo build --release -p invite-server
    {{soak}} INVITE_SOAK_ROUNDS={{SAMPLES}} cargo test --release -p invite-tests --test timing -- --ignored --nocapture --test-threads=1

# libFuzzer over what strangers send: tokens, codes, addresses, cursors, bodies, foreign tokens, and mails about anybody
fuzz TARGET="all" *EXECUTIONS:
    {{soak}} tests/fuzz/run {{TARGET}} {{EXECUTIONS}}

# schemathesis against the release build, over the OpenAPI document it serves
contract EXAMPLES="500" *OPTIONS:
    cargo build --release -p invite-server
    tests/contract/run {{EXAMPLES}} {{OPTIONS}}

# cargo-mutants over the rules: access, secret, invitation (`cargo install cargo-mutants --locked` first)
[positional-arguments]
mutants *OPTIONS:
    cargo mutants --package invite-domain --output target/mutants "$@"

# the whole end-to-end suite on three replicas and one PostgreSQL
test-replicas *ARGS:
    cargo build
    INVITE_TEST_REQUIRE=postgres INVITE_TEST_REPLICAS=3 cargo test -p invite-tests {{ARGS}}

# three replicas: mails sent once each while replicas are killed, and crowds at one invitation over HTTP
soak-replicas MAILS="1000" ROUNDS="500":
    cargo build --release -p invite-server
    {{soak}} INVITE_SOAK_ROUNDS={{MAILS}} cargo test --release -p invite-tests --test replicas -- a_thousand
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-tests --test replicas -- every_crowd
    {{soak}} INVITE_SOAK_ROUNDS={{ROUNDS}} cargo test --release -p invite-tests --test races -- every_crowd

# every page of invitees and of the console in Chromium, on a phone and on a desktop, light and dark: target/screenshots/
screenshots *ARGS:
    cargo build
    INVITE_TEST_REQUIRE=browser INVITE_TEST_SCREENSHOTS=1 cargo test -p invite-tests --test browser -- --skip postgresql {{ARGS}}

# what the pages weigh with everything they load, the heaviest first
budget:
    cargo build
    INVITE_TEST_REQUIRE=browser cargo test -p invite-tests --test browser -- --skip postgresql --skip scanners

# rewrite the insta snapshots; review them with `git diff` before committing
snapshots *ARGS:
    INSTA_UPDATE=always cargo test --workspace {{ARGS}}
