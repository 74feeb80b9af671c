//! A shop with a sea-orm database of its own gives every new colleague a till. The till is a row of the shop's; the
//! membership is ours. Both are written in one transaction: together, or not at all.
//!
//! Run it with `cargo run -p invite-storage --example host_transaction`. It asserts what it prints.

use invite_domain::{
    access::Grant,
    email::EmailAddress,
    id::InvitationId,
    invitation::{Origin, Recipient, Status},
    port::{FixedKeys, InvitationStore},
    service::{
        Caller, InvitationService, Issue, NewAccount, Redeem, Redeemed, Reveal, Secret, ServiceError, Settings, World,
    },
};
use invite_storage::{InTransaction, SqlOptions, SqlStore};
use invite_testkit::{PlainHasher, Scene};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::{error::Error, path::Path, sync::Arc};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The shop: its own connection pool, and our store on the same database.
struct Shop {
    database: DatabaseConnection,
    store: SqlStore,
    world: World,
    // The testkit makes the organisation and its owner; a real host has set them up long ago.
    scene: Scene,
}

impl Shop {
    async fn open(folder: &Path) -> Result<Self> {
        let url = format!("sqlite://{}", folder.join("shop.db").display());
        let mut options = ConnectOptions::new(format!("{url}?mode=rwc"));
        options.sqlx_logging(false).max_connections(3).map_sqlx_sqlite_opts(|sqlite| {
            sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true)
        });
        // A connection whose transaction the engine ended by itself must not come back to the pool.
        invite_storage::discard_unclean(&mut options);
        let database = Database::connect(options).await?;
        database.execute_unprepared("CREATE TABLE tills (number INTEGER PRIMARY KEY, colleague TEXT NOT NULL)").await?;
        let store = SqlStore::open(&SqlOptions::new(url)).await?;
        store.migrate().await?;
        let scene = Scene::create(Arc::new(store.clone()), "shop").await;
        let keys = Arc::new(FixedKeys(Arc::clone(&scene.ring)));
        let world = World { clock: Arc::new(scene.clock.clone()), entropy: scene.entropy.clone(), keys };
        Ok(Self { database, store, world, scene })
    }

    /// The use cases over any store: over ours, or over ours inside a transaction.
    fn invitations(&self, store: Arc<dyn InvitationStore>) -> InvitationService {
        let (limiter, hasher) = (Arc::new(self.store.clone()), Arc::new(PlainHasher::default()));
        InvitationService::new(store, limiter, hasher, self.world.clone(), Settings::default())
    }

    fn owner(&self) -> Caller {
        let organization_id = self.scene.organization.id;
        Caller { principal: self.scene.owner.principal(), organization_id, origin: Origin::default() }
    }

    async fn begin(&self) -> Result<DatabaseTransaction> {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.database.begin_with_options(immediate).await?)
    }

    // docs: begin host-transaction
    /// Lets somebody in and gives him a till. Where there is no till left, nobody was let in; where the link is no longer
    /// good, no till is taken.
    async fn welcome(&self, token: &str, till: i32) -> Result<Redeemed> {
        let transaction = Arc::new(self.begin().await?);
        // The use case commits into the shop's transaction: nothing it writes is durable before the shop says so.
        let inside = InTransaction::new(self.store.clone(), Arc::clone(&transaction));
        let redeemed = self.invitations(Arc::new(inside)).redeem(redeem(token)).await;
        let transaction = Arc::into_inner(transaction).ok_or("the use case is over and holds nothing")?;
        let redeemed = match redeemed {
            Ok(redeemed) => redeemed,
            Err(refusal) => {
                transaction.rollback().await?;
                return Err(refusal.into());
            }
        };
        let colleague = redeemed.account.id.to_string();
        if let Err(taken) = take_till(&transaction, till, &colleague).await {
            // The redemption goes with it: the link is as good as before.
            transaction.rollback().await?;
            return Err(taken);
        }
        transaction.commit().await?;
        Ok(redeemed)
    }
    // docs: end host-transaction

    /// Invites somebody and hands the link's token to the caller, who plays the mail.
    async fn invite(&self, address: &str) -> Result<(InvitationId, String)> {
        let grant = Grant { role_id: Some(self.scene.roles.member.id), ..Grant::default() };
        let address = EmailAddress::parse(address)?;
        let command = Issue { reveal: Reveal::Asked, ..Issue::new(Recipient::Email(address), grant) };
        let issued = self.invitations(Arc::new(self.store.clone())).issue(&self.owner(), command, None).await?;
        let binding = issued.record.invitation.token_binding().ok_or("a new invitation has a link")?;
        let mailed = invite_domain::secret::token::Provenance::Mailed;
        let token = invite_domain::secret::token::mint(&self.scene.ring, &binding, mailed)?;
        Ok((issued.record.invitation.id, token.expose().to_owned()))
    }

    async fn status(&self, invitation: InvitationId) -> Result<Status> {
        let record = self.invitations(Arc::new(self.store.clone())).get(&self.owner(), invitation).await?;
        Ok(record.status(self.world.clock.now()))
    }

    async fn tills(&self) -> Result<i64> {
        let count = Statement::from_string(self.database.get_database_backend(), "SELECT count(*) AS n FROM tills");
        let row = self.database.query_one_raw(count).await?.ok_or("a count is one row")?;
        Ok(row.try_get("", "n")?)
    }
}

fn redeem(token: &str) -> Redeem {
    Redeem {
        secret: Secret::Token(token.to_owned()),
        caller: None,
        account: Some(NewAccount { name: Some("Ada".to_owned()), ..NewAccount::default() }),
        idempotency: None,
        client: None,
        origin: Origin::default(),
    }
}

async fn take_till(transaction: &DatabaseTransaction, number: i32, colleague: &str) -> Result<()> {
    let insert = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "INSERT INTO tills (number, colleague) VALUES (?, ?)",
        [number.into(), colleague.into()],
    );
    transaction.execute_raw(insert).await?;
    Ok(())
}

async fn scenario(folder: &Path) -> Result<()> {
    let shop = Shop::open(folder).await?;
    let (ada, ada_token) = shop.invite("ada@example.org").await?;
    let welcomed = shop.welcome(&ada_token, 1).await?;
    assert_eq!(shop.status(ada).await?, Status::Redeemed);
    assert_eq!(shop.tills().await?, 1);
    println!("{} is in and has till 1", welcomed.account.display_name().unwrap_or("somebody"));

    let (bob, bob_token) = shop.invite("bob@example.org").await?;
    assert!(shop.welcome(&bob_token, 1).await.is_err(), "till 1 is Ada's");
    assert_eq!(shop.status(bob).await?, Status::Pending);
    assert_eq!(shop.tills().await?, 1);
    println!("till 1 was taken: nobody was let in, and bob's link is as good as before");

    shop.welcome(&bob_token, 2).await?;
    assert_eq!((shop.status(bob).await?, shop.tills().await?), (Status::Redeemed, 2));
    println!("bob is in and has till 2");

    let refused = shop.welcome(&ada_token, 3).await.err().ok_or("a used link is refused")?;
    assert!(refused.downcast_ref::<ServiceError>().is_some());
    assert_eq!(shop.tills().await?, 2);
    println!("a used link takes no till: {refused}");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    Box::pin(scenario(folder.path())).await
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn host_row_and_redemption_commit_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        Box::pin(super::scenario(folder.path())).await.unwrap();
    }
}
