//! Who is erased stands in no column of any table (PRIV-1), and the trail only loses where they were.
#![expect(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod support;

use chrono::Duration;
use invite_domain::{
    access::Actor,
    directory::{Account, AccountToken, Identity, PasswordHash, Session, Subject, SubjectKind, Username},
    email::EmailAddress,
    id::{SessionId, SubjectId},
    invitation::{
        AdministrationChange, DirectoryChange, Event, EventKind, Invitation, MessageKind, Origin, Plan, Recipient,
        SubjectRecipient,
    },
    phone::PhoneNumber,
    port::{Keys, Principal},
    secret::{account_token::AccountPurpose, credential::CredentialDigest, token::Nonce},
    service::{ErasureService, Settings, World},
};
use invite_storage::SqlStore;
use invite_testkit::{Scene, test_keys};
use invite_tests::requires::{Requirement, Suite};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, process::ExitCode, sync::Arc};
use support::engines::{self, Engine};

fn main() -> ExitCode {
    let mut suite = Suite::from_environment();
    let engines = [("postgres", Requirement::Postgres), ("mariadb", Requirement::Mariadb)];
    let engines = engines.map(|(name, kind)| (name, kind, Engine::new(kind)));
    suite.trial("sqlite::priv_1_an_erased_person_stands_in_no_column_of_any_table", None, || {
        runtime()?.block_on(async {
            let (store, directory) = support::fresh().await;
            Box::pin(nowhere(store, support::host_connection(directory.path()).await)).await;
        });
        Ok(())
    });
    suite.trial("nothing_but_erasure_and_retention_touches_a_row_of_the_trail", None, || {
        append_only();
        Ok(())
    });
    for (name, kind, engine) in &engines {
        let engine = engine.clone();
        let test = format!("{name}::priv_1_an_erased_person_stands_in_no_column_of_any_table");
        suite.trial(&test, Some(*kind), move || {
            runtime()?.block_on(async {
                let (store, url, _lease) = engine.fresh().await;
                Box::pin(nowhere(store, engines::connect(&url).await)).await;
            });
            Ok(())
        });
    }
    let conclusion = suite.run();
    engines::end(engines.map(|(_, _, engine)| engine));
    conclusion
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

const ADDRESS: &str = "Ana.Muster@example.org";
const PHONE: &str = "+33612345678";
const CLIENT: &str = "203.0.113.77";
/// What names the person, in lower case.
const TRACES: [&str; 7] =
    ["ana.muster@example.org", "ana muster", "anamuster", PHONE, CLIENT, "issuer-7-ana", "remote-ana"];

async fn texts(host: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(host.get_database_backend(), sql);
    let rows = host.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<Option<String>>(0).unwrap().unwrap_or_default()).collect()
}

/// Every row of every table as one text in lower case, what is no text in hexadecimal digits.
async fn dump(host: &DatabaseConnection) -> BTreeMap<String, String> {
    let backend = host.get_database_backend();
    let tables = match backend {
        DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'invite_%'",
        DatabaseBackend::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
        }
        _ => "SELECT CAST(table_name AS char) FROM information_schema.tables WHERE table_schema = DATABASE()",
    };
    let mut dumped = BTreeMap::new();
    for table in texts(host, tables).await {
        let row = match backend {
            DatabaseBackend::Postgres => format!("{table}::text"),
            DatabaseBackend::Sqlite => {
                let columns = texts(host, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
                columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ")
            }
            _ => {
                let columns = format!(
                    "SELECT CAST(column_name AS char) FROM information_schema.columns \
                     WHERE table_schema = DATABASE() AND table_name = '{table}'"
                );
                let columns = texts(host, &columns).await;
                let hex = columns.iter().map(|column| format!("IFNULL(HEX({column}), '~')")).collect::<Vec<_>>();
                format!("CONCAT_WS(',', {})", hex.join(", "))
            }
        };
        let rows = texts(host, &format!("SELECT {row} FROM {table}")).await;
        dumped.insert(table, rows.join("\n").to_lowercase());
    }
    dumped
}

/// The tables in which a trace stands, plain or in hexadecimal digits of either case of its letters.
fn tables_with(dumped: &BTreeMap<String, String>, trace: &str) -> Vec<String> {
    let hex = |text: &str| {
        text.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    let spelled = [trace.to_owned(), ADDRESS.to_owned(), "Ana Muster".to_owned(), "AnaMuster".to_owned()];
    let spelled = spelled.iter().filter(|text| text.to_lowercase() == trace).map(|text| hex(text));
    let wanted: Vec<_> = spelled.chain([trace.to_owned()]).collect();
    dumped
        .iter()
        .filter(|(_, rows)| wanted.iter().any(|wanted| rows.contains(wanted)))
        .map(|(table, _)| table.clone())
        .collect()
}

/// A person who left as many traces as there are places for one.
async fn live(acme: &Scene, beta: &Scene) -> Account {
    let address = EmailAddress::parse(ADDRESS).unwrap();
    let phone = PhoneNumber::parse(PHONE).unwrap();
    let now = acme.now();
    let mut account = acme.account(ADDRESS);
    account.name = Some("Ana Muster".to_owned());
    account.phone = Some(phone.clone());
    account.username = Some(Username::parse("AnaMuster").unwrap());
    account.password = Some(PasswordHash::new("$plain$ana muster"));
    account.profile = Some(r#"{"nick":"ana muster"}"#.to_owned());
    let record = Subject {
        id: SubjectId::new(now, &*acme.entropy),
        number: 0,
        organization_id: acme.organization.id,
        kind: SubjectKind::Trucker,
        parent_id: None,
        own: false,
        remote_id: Some("remote-ana".to_owned()),
        email: Some(address.clone()),
        phone: Some(phone.clone()),
        name: "Ana Muster".to_owned(),
        profile: r#"{"licence":"ana muster"}"#.to_owned(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        version: 1,
    };
    acme.administer(AdministrationChange::InsertSubject(Box::new(record.clone()))).await;
    let to_record = Recipient::Subject(SubjectRecipient {
        id: record.id,
        email: Some(address.clone()),
        phone: Some(phone.clone()),
    });
    let with_words = |mut invitation: Invitation| {
        invitation.message = Some("Dear Ana Muster".to_owned());
        invitation.grant.metadata = Some(format!(r#"{{"phone":"{PHONE}"}}"#));
        invitation.redirect_url = Some("https://app.example.org/anamuster".to_owned());
        invitation
    };
    let redeemed = acme.issue_this(with_words(acme.invitation_to(to_record))).await;
    let mut plan = acme.plan_redeem(&redeemed, &account);
    for event in &mut plan.events {
        // The person's own request.
        (event.actor, event.address) = (Actor::invitee(Some(account.id)), Some(CLIENT.parse().unwrap()));
    }
    acme.apply(plan).await;
    let declined = beta.issue_this(with_words(beta.invitation_to(Recipient::Phone(phone)))).await;
    let mut plan = beta.plan_decline(&declined, true);
    for event in &mut plan.events {
        (event.actor, event.address) = (Actor::invitee(None), Some(CLIENT.parse().unwrap()));
    }
    beta.apply(plan).await;
    beta.issue_this(with_words(beta.invitation(ADDRESS))).await;
    let other = acme.join("bob@example.net", &acme.roles.member).await;
    let mut wants = link(acme, &other.account, AccountPurpose::ChangeAddress);
    wants.address = Some(address.clone());
    let mut told = acme.message_about(MessageKind::AddressChanged { account_id: other.account.id });
    told.address = Some(address);
    acme.apply(Plan {
        administration: vec![
            AdministrationChange::PutAccountToken(Box::new(link(acme, &account, AccountPurpose::PasswordReset))),
            AdministrationChange::PutAccountToken(Box::new(wants)),
        ],
        directory: vec![
            DirectoryChange::InsertSession(Box::new(Session {
                id: SessionId::new(now, &*acme.entropy),
                account_id: account.id,
                digest: CredentialDigest::from_bytes([7; 32]),
                created_at: now,
                last_seen_at: now,
                organization_id: None,
                refresh: None,
                expires_at: now + Duration::days(1),
            })),
            DirectoryChange::LinkIdentity(Box::new(Identity {
                issuer: "https://id.example".to_owned(),
                subject: "issuer-7-ana".to_owned(),
                account_id: account.id,
                created_at: now,
            })),
        ],
        messages: vec![told],
        ..Plan::default()
    })
    .await;
    account
}

fn link(scene: &Scene, account: &Account, purpose: AccountPurpose) -> AccountToken {
    AccountToken {
        account_id: account.id,
        purpose,
        counter: 1,
        key_id: scene.ring.active().unwrap(),
        nonce: Some(Nonce::generate(&*scene.entropy)),
        created_at: scene.now(),
        expires_at: scene.now() + Duration::hours(1),
        used_at: None,
        address: None,
    }
}

/// The invariants that do not hold. The scene is made of rows, not of use cases, so some may not.
async fn broken(store: &SqlStore, scene: &Scene) -> Vec<(&'static str, u64)> {
    let findings = store.check(scene.now()).await.unwrap();
    findings.into_iter().filter(|it| it.violations > 0).map(|it| (it.invariant, it.violations)).collect()
}

async fn nowhere(store: SqlStore, host: DatabaseConnection) {
    let store = Arc::new(store);
    let (acme, beta) = (Scene::create(store.clone(), "acme").await, Scene::create(store.clone(), "beta").await);
    live(&acme, &beta).await;
    let unseen = Event { address: Some("198.51.100.9".parse().unwrap()), ..acme.event(EventKind::RoleChanged, None) };
    acme.apply(Plan { events: vec![unseen], ..Plan::default() }).await;
    let broken_before = broken(&store, &acme).await;
    let before = dump(&host).await;
    for trace in TRACES {
        assert!(!tables_with(&before, trace).is_empty(), "{trace} is nowhere to begin with");
    }

    let (operator, _) = acme.new_operator_key();
    acme.administer(AdministrationChange::InsertOperatorKey(Box::new(operator.clone()))).await;
    let world = World {
        clock: Arc::new(acme.clock.clone()),
        entropy: acme.entropy.clone(),
        keys: Arc::new(test_keys()) as Arc<dyn Keys>,
    };
    let service = ErasureService::new(store.clone(), store.clone(), store.clone(), world, Settings::default());
    let address = EmailAddress::parse(&ADDRESS.to_lowercase()).unwrap();
    let principal = Principal::Operator(operator.id);
    let erased = service.erase(principal, &address, Origin::none()).await.unwrap();
    assert_eq!((erased.memberships, erased.invitations, erased.revoked, erased.records), (1, 3, 1, 1), "{erased:?}");

    let after = dump(&host).await;
    for trace in TRACES {
        assert_eq!(tables_with(&after, trace), Vec::<String>::new(), "{trace}");
    }
    let lines = |dumped: &BTreeMap<String, String>| dumped["invite_events"].lines().count();
    assert!(lines(&after) > lines(&before), "no event went, and some came");
    assert!(!tables_with(&after, "198.51.100.9").is_empty() || host.get_database_backend() == DatabaseBackend::MySql);
    assert_eq!(broken(&store, &acme).await, broken_before, "an erasure breaks nothing");
    let again = service.erase(principal, &address, Origin::none()).await.unwrap();
    assert_eq!((again.organizations, again.account_id), (0, None), "again it finds nothing");
}

/// Where the sources of this crate change or delete rows of a table.
fn append_only() {
    fn walk(folder: &Path, found: &mut Vec<(String, usize)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
                continue;
            }
            let source: String = fs::read_to_string(&path).unwrap().split_whitespace().collect();
            let writes =
                ["update_statement::<", "delete::<", "try_delete::<", ".table(table::<", "from_table(table::<"];
            let of_event = |at: usize| {
                let rest = &source[at..];
                let name = &rest[..rest.find('>').unwrap_or(rest.len())];
                name.ends_with("event::Entity") || name.ends_with("::event::Entity")
            };
            let count = writes
                .iter()
                .flat_map(|pattern| source.match_indices(pattern).map(|(at, found)| at + found.len()))
                .filter(|at| of_event(*at))
                .count();
            // The macro of the purge of organisations names its tables without a path.
            let listed =
                usize::from(path.ends_with("retention/organizations.rs") && source.contains("eventby_id,own();"));
            if count + listed > 0 {
                let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
                found.push((name, count + listed));
            }
            assert!(!source.contains("UPDATEinvite_events") && !source.contains("DELETEFROMinvite_events"));
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let mut files: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    files.sort_unstable();
    assert_eq!(files, ["src/commit/erasure.rs", "src/retention.rs", "src/retention/organizations.rs"]);
}
