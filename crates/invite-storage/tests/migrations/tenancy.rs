//! AUTHZ-3: no row of one organisation can name a row of another, by the schema alone.

use super::{support, tables, texts, unmigrated};
use invite_domain::directory::SubjectKind;
use invite_testkit::Scene;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::{collections::BTreeMap, sync::Arc};

/// Tables whose rows are an organisation's, and the key that has it together with what names the row.
const TENANTS: [(&str, &str); 11] = [
    ("invite_api_keys", "organization_id,id"),
    ("invite_blocks", "organization_id,holder_key"),
    ("invite_events", "organization_id,id"),
    ("invite_invitations", "organization_id,id"),
    ("invite_logos", "organization_id,id"),
    ("invite_memberships", "organization_id,id"),
    ("invite_messages", "organization_id,id"),
    ("invite_organization_slugs", "organization_id,slug"),
    ("invite_redemptions", "organization_id,id"),
    ("invite_roles", "organization_id,id"),
    ("invite_subjects", "organization_id,id"),
];

/// Tables whose rows are nobody's or somebody else's, and why.
const OTHERS: [(&str, &str); 11] = [
    ("invite_account_tokens", "an account's"),
    ("invite_accounts", "a person may be in several organisations"),
    ("invite_counters", "named by keys that hold the organisation where it is one's"),
    ("invite_group_administrators", "a group is above organisations"),
    ("invite_idempotency", "a principal's or, without one, an invitation's: its scope says so"),
    ("invite_identities", "an account's"),
    ("invite_migrations", "the schema's"),
    ("invite_operator_keys", "the operator's"),
    ("invite_organization_groups", "a group is above organisations"),
    ("invite_organizations", "the organisations themselves"),
    ("invite_sessions", "a person's; the organisation it counts in owns nothing of it"),
];

/// Columns of organisations and their rows that name something and are bound by no reference, and why.
const UNBOUND: [(&str, &str); 20] = [
    ("invite_api_keys.created_by", "its maker may have left, or be a membership the same plan inserts"),
    ("invite_events.actor_id", "of several tables, and the trail outlives what it tells of"),
    ("invite_events.invitation_id", "the trail outlives what it tells of"),
    ("invite_events.membership_id", "the trail outlives what it tells of"),
    ("invite_events.request_id", "names no row"),
    ("invite_invitations.batch_id", "names no row"),
    ("invite_invitations.inviter_id", "of one of three tables, and may have left"),
    ("invite_invitations.key_id", "a key of the key ring"),
    ("invite_invitations.revoked_by_id", "of one of three tables, and may have left"),
    ("invite_invitations.role_id", "an ended invitation keeps the id of a role that was deleted since"),
    ("invite_invitations.subject_id", "the record may be gone"),
    ("invite_memberships.group_id", "a group is above organisations"),
    ("invite_memberships.subject_id", "the record may be gone"),
    ("invite_messages.account_id", "an account's own message may be of no organisation, and outlive the account"),
    ("invite_organizations.group_id", "a group is above organisations"),
    ("invite_organizations.logo_id", "written before the logo is; the logo refers to the organisation"),
    ("invite_redemptions.account_id", "may be of a host's own directory, and have left"),
    ("invite_redemptions.membership_id", "may be of a host's own directory, and have left"),
    ("invite_subjects.remote_id", "the host's own name for it"),
    ("invite_subjects.remote_key", "the host's own name for it"),
];

struct Schema {
    host: DatabaseConnection,
}

impl Schema {
    async fn columns(&self, table: &str) -> Vec<String> {
        texts(&self.host, &format!("SELECT name FROM pragma_table_info('{table}')"), "name").await
    }

    /// The primary key and the unique ones, each as its columns in their order.
    async fn keys(&self, table: &str) -> Vec<String> {
        let unique = format!(
            "SELECT group_concat(column, ',') AS key FROM (SELECT l.name AS l, i.name AS column FROM \
             pragma_index_list('{table}') l JOIN pragma_index_info(l.name) i WHERE l.\"unique\" = 1 ORDER BY l.name, i.seqno) \
             GROUP BY l"
        );
        texts(&self.host, &unique, "key").await
    }

    /// The references of a table: target and pairs of columns.
    async fn references(&self, table: &str) -> Vec<String> {
        let references = format!(
            "SELECT \"table\" || ':' || group_concat(\"from\" || '>' || \"to\", ',') AS reference FROM \
             (SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq) GROUP BY id ORDER BY 1"
        );
        texts(&self.host, &references, "reference").await
    }
}

fn is_tenant(table: &str) -> bool {
    TENANTS.iter().any(|(tenant, _)| *tenant == table)
}

/// Whether a column is there to name something, by its name.
fn names_something(column: &str) -> bool {
    column.ends_with("_id") || column.ends_with("_by") || column == "remote_key"
}

#[tokio::test(flavor = "multi_thread")]
async fn authz_3_every_tenant_table_has_the_organization_in_its_keys_and_references() {
    let (store, directory) = unmigrated().await;
    store.migrate().await.unwrap();
    let schema = Schema { host: support::host_connection(directory.path()).await };
    let mut known: Vec<_> = TENANTS.iter().chain(&OTHERS).map(|(table, _)| (*table).to_owned()).collect();
    known.sort();
    assert_eq!(tables(&schema.host).await, known, "a table is an organisation's or, for a reason, not");

    let mut unbound = Vec::new();
    let mut composite = Vec::new();
    for table in &known {
        let columns = schema.columns(table).await;
        let owned = columns.contains(&"organization_id".to_owned());
        assert_eq!(owned, is_tenant(table) || table == "invite_sessions", "{table}");
        if let Some((_, key)) = TENANTS.iter().find(|(tenant, _)| tenant == table) {
            let keys = schema.keys(table).await;
            assert!(keys.iter().any(|found| found == key), "{table} has no key ({key}): {keys:?}");
            assert!(!columns.contains(&"id".to_owned()) || *key == "organization_id,id", "{table}");
        }
        let mut bound = vec!["organization_id".to_owned()];
        for reference in schema.references(table).await {
            let (target, pairs) = reference.split_once(':').unwrap();
            match pairs.split_once(',') {
                Some(("organization_id>organization_id", rest)) if is_tenant(table) && is_tenant(target) => {
                    let column = rest.strip_suffix(">id").unwrap();
                    composite.push(format!("{table}.{column} > {target}"));
                    bound.push(column.to_owned());
                }
                None if pairs == "organization_id>id" => assert_eq!(target, "invite_organizations", "{table}"),
                None if pairs == "account_id>id" => {
                    assert_eq!(target, "invite_accounts", "{table}");
                    bound.push("account_id".to_owned());
                }
                _ => panic!("{table}: {reference} names another tenant's row by less than its organisation and its id"),
            }
        }
        if is_tenant(table) || table == "invite_organizations" {
            let free = columns.iter().filter(|column| names_something(column) && !bound.contains(column));
            unbound.extend(free.map(|column| format!("{table}.{column}")));
        }
    }
    let expected: Vec<_> = UNBOUND.iter().map(|(column, _)| (*column).to_owned()).collect();
    unbound.sort();
    assert_eq!(unbound, expected, "a column that names a row is bound to its organisation or, for a reason, not");
    composite.sort();
    assert_eq!(
        composite,
        [
            "invite_memberships.role_id > invite_roles",
            "invite_messages.invitation_id > invite_invitations",
            "invite_redemptions.invitation_id > invite_invitations",
            "invite_subjects.parent_id > invite_subjects",
        ]
    );
    for (name, reason) in TENANTS.iter().chain(&OTHERS).chain(&UNBOUND) {
        assert!(!reason.is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn authz_3_a_row_cannot_refer_into_another_organization() {
    let (store, directory) = unmigrated().await;
    store.migrate().await.unwrap();
    let mut scenes = BTreeMap::new();
    for word in ["ours", "theirs"] {
        let scene = Scene::create(Arc::new(store.clone()), word).await;
        let ana = scene.issue("ana").await;
        scene.apply(scene.plan_redeem(&ana, &scene.account(&format!("ana-{word}")))).await;
        let company = scene.own_company().await;
        scene
            .add_subject(invite_domain::directory::Subject {
                parent_id: Some(company.id),
                ..scene.subject(SubjectKind::Contact, "Cleo")
            })
            .await;
        scenes.insert(word, scene.organization.id.as_uuid());
    }
    let host = support::host_connection(directory.path()).await;
    for (table, column, target) in [
        ("invite_memberships", "role_id", "invite_roles"),
        ("invite_messages", "invitation_id", "invite_invitations"),
        ("invite_redemptions", "invitation_id", "invite_invitations"),
        ("invite_subjects", "parent_id", "invite_subjects"),
    ] {
        let set = |value: &str| {
            let sql = format!(
                "UPDATE {table} SET {column} = {value} WHERE organization_id = ?2 AND {column} IS NOT NULL AND ?1 = ?1"
            );
            let (theirs, ours) = (scenes["theirs"].into(), scenes["ours"].into());
            Statement::from_sql_and_values(host.get_database_backend(), sql, [theirs, ours])
        };
        assert!(host.execute_raw(set(column)).await.unwrap().rows_affected() > 0, "{table} has rows to try it on");
        let foreign = format!("(SELECT id FROM {target} WHERE organization_id = ?1 LIMIT 1)");
        let refused = host.execute_raw(set(&foreign)).await.unwrap_err();
        assert!(refused.to_string().contains("FOREIGN KEY"), "{table}.{column}: {refused}");
    }
}
