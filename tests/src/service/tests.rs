use super::binary::refuse_old;
use super::process::{port_in_file, port_in_output};
use super::*;
use std::fs;
use std::time::SystemTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Something that answers 503 to the first request and 200 to all others, so that a stand-in for the binary can be ready.
async fn readiness() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut status = "503 Service Unavailable";
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET /readyz "));
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            status = "200 OK";
        }
    });
    address
}

/// A sandbox whose binary is a shell script.
fn sandbox(script: &str) -> (TempDir, Sandbox) {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("invite");
    // Another process writes it: had this one, a child forked meanwhile by another test could still hold the file open
    // for writing, and starting it would fail with "text file busy".
    let written = std::process::Command::new("sh")
        .args(["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" >\"$2\" && chmod +x \"$2\"", "sh", script])
        .arg(&binary)
        .status()
        .unwrap();
    assert!(written.success());
    let sandbox = Sandbox::with_binary(binary).unwrap();
    (folder, sandbox)
}

/// `serve --port-file F` of a script that ends only when told to.
fn serving(address: SocketAddr) -> String {
    format!(
        "[ \"$1 $2\" = 'serve --port-file' ] || exit 9\n\
         trap 'echo goodbye; exit 3' TERM\n\
         echo \"further: $4\"\n\
         echo 'a warning' >&2\n\
         echo {address} >\"$3\"\n\
         while :; do sleep 0.01; done"
    )
}

#[tokio::test]
async fn serve_is_awaited_by_its_port_file_and_ends_when_asked() {
    let address = readiness().await;
    let (_folder, sandbox) = sandbox(&serving(address));
    let mut service = sandbox.serve(&["--no-worker"]).await.unwrap();
    assert_eq!(service.url("/livez"), format!("http://{address}/livez"));
    service.wait_for_output("a warning", PATIENCE).await.unwrap();
    assert_eq!(service.terminate().await.unwrap().code(), Some(3));
    assert_eq!(service.stdout(), "further: --no-worker\ngoodbye\n");
    assert_eq!(service.stderr(), "a warning\n");
    assert!(service.process_id().is_none());
}

#[tokio::test]
async fn a_killed_service_says_no_goodbye_and_can_be_started_again_in_the_same_place() {
    let address = readiness().await;
    let (_folder, sandbox) = sandbox(&serving(address));
    for _ in 0..2 {
        let mut service = sandbox.serve(&[]).await.unwrap();
        service.kill_dash_nine().await.unwrap();
        assert!(!service.stdout().contains("goodbye"));
    }
}

#[tokio::test]
async fn dev_is_awaited_by_the_address_it_prints() {
    let address = readiness().await;
    let (_folder, sandbox) = sandbox(&format!("echo \"open http://{address}/mailbox\"; exec sleep 60"));
    let service = sandbox.dev(&[]).await.unwrap();
    assert_eq!(service.base_url(), format!("http://{address}"));
}

#[tokio::test]
async fn a_service_that_ends_at_once_is_reported_with_its_words() {
    let (_folder, sandbox) = sandbox("echo 'INVITE_PUBLIC_URL is missing' >&2; exit 2");
    let failure = sandbox.serve(&[]).await.err().unwrap().to_string();
    assert!(failure.contains("exit status: 2") && failure.contains("INVITE_PUBLIC_URL is missing"), "{failure}");
}

#[tokio::test]
async fn a_service_that_never_becomes_ready_is_given_up() {
    let (_folder, sandbox) = sandbox("exec sleep 60");
    let started = Process::start(sandbox.command(&[]), Announcement::Output, Duration::from_millis(50)).await;
    assert!(started.err().unwrap().to_string().starts_with("the service was not ready within 50ms"));
}

#[tokio::test]
async fn a_command_sees_the_sandbox_and_its_end_is_judged() {
    let (_folder, mut sandbox) = sandbox("[ \"$1\" = show ] || { echo 'no such command' >&2; exit 2; }; pwd; env");
    sandbox.configure_serve();
    sandbox.set("INVITE_SMTP_URL", "smtp://127.0.0.1:1").unset("INVITE_LISTEN");
    let shown = sandbox.run(&["show"]).await.unwrap().success().unwrap();
    assert!(shown.starts_with(&format!("{}\n", sandbox.path().display())), "{shown}");
    let mut names: Vec<&str> =
        shown.lines().filter(|line| line.starts_with("INVITE_")).filter_map(|line| line.split('=').next()).collect();
    names.sort_unstable();
    let known = ["DATABASE_URL", "KEYRING_FILE", "LIMIT_REQUESTS_SECOND", "PUBLIC_URL", "SMTP_URL"]
        .map(|name| format!("INVITE_{name}"));
    assert_eq!(names, known);
    let refused = sandbox.run(&["nonsense"]).await.unwrap();
    assert_eq!(refused.clone().refusal().unwrap(), "no such command\n");
    assert!(refused.success().unwrap_err().to_string().contains("no such command"));
}

#[tokio::test]
async fn setting_up_runs_its_three_commands_and_reads_the_last() {
    let (_folder, sandbox) = sandbox("echo \"$*\" >>log; [ \"$1\" != setup ] || echo '{\"api_key\": \"ivk_x\"}'");
    let setup = sandbox.set_up("Acme Ltd", "owner@example.org").await.unwrap();
    assert_eq!(setup["api_key"], "ivk_x");
    let log = fs::read_to_string(sandbox.path().join("log")).unwrap();
    assert_eq!(log, "keys new\nmigrate\nsetup --organization Acme Ltd --owner-email owner@example.org --json\n");
}

#[test]
fn a_binary_older_than_a_source_is_refused_and_tests_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let crates = folder.path().join("crates");
    let binary = folder.path().join("invite");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_001);
    let new = SystemTime::UNIX_EPOCH + Duration::from_secs(2_002);
    let newer = SystemTime::UNIX_EPOCH + Duration::from_secs(3_003);
    let touch = |path: &Path, time: SystemTime| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().set_modified(time).unwrap();
    };
    touch(&crates.join("invite-http/src/lib.rs"), old);
    assert!(refuse_old(&binary, &crates).unwrap_err().to_string().contains("does not exist"));
    touch(&binary, new);
    refuse_old(&binary, &crates).unwrap();
    for test in
        ["invite-testkit/src/lib.rs", "invite-http/tests/api.rs", "invite-http/src/tests.rs", "invite-http/a.md"]
    {
        touch(&crates.join(test), newer);
    }
    refuse_old(&binary, &crates).unwrap();
    touch(&crates.join("invite-http/templates/accept.html"), newer);
    let failure = refuse_old(&binary, &crates).unwrap_err().to_string();
    assert!(failure.contains("accept.html") && failure.contains("cargo test --workspace"), "{failure}");
}

#[test]
fn ports_are_read_from_files_and_from_output() {
    assert_eq!(port_in_file("127.0.0.1:8081\n"), Some(8081));
    assert_eq!(port_in_file("8081"), Some(8081));
    assert_eq!(port_in_file(""), None);
    assert_eq!(port_in_output("listening on http://127.0.0.1:8081/ now\n"), Some(8081));
    assert_eq!(port_in_output("open http://localhost:8081\n"), Some(8081));
    // The line may not be complete yet, and its number neither.
    assert_eq!(port_in_output("open http://localhost:80"), None);
    assert_eq!(port_in_output("see https://example.org:8081\n"), None);
}

#[test]
fn a_run_has_as_many_replicas_as_its_environment_says_and_nonsense_is_refused() {
    assert_eq!(replicas_of_the_run(None).unwrap(), 0);
    assert_eq!(replicas_of_the_run(Some("".into())).unwrap(), 0);
    assert_eq!(replicas_of_the_run(Some("3".into())).unwrap(), 3);
    for nonsense in ["0", "three", "17"] {
        assert!(replicas_of_the_run(Some(nonsense.into())).unwrap_err().to_string().contains(REPLICAS));
    }
}

/// Something that answers every connection with its name, after the client has said a line.
async fn named(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut said = [0; 16];
            let read = stream.read(&mut said).await.unwrap();
            stream.write_all(&[&said[..read], name.as_bytes()].concat()).await.unwrap();
        }
    });
    address
}

async fn through(front: SocketAddr) -> String {
    let mut stream = tokio::net::TcpStream::connect(front).await.unwrap();
    stream.write_all(b"I am ").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_front_gives_each_connection_to_the_next_replica_and_passes_over_one_that_is_gone() {
    let gone = net::free_port().unwrap();
    let replicas = vec![named("one").await, gone, named("three").await];
    let address = net::free_port().unwrap();
    let mut front = Front::start(address, replicas).await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(through(address).await);
    }
    assert_eq!(answers, ["I am one", "I am three", "I am three", "I am one"]);
    front.stop().await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the door is still open");
}
