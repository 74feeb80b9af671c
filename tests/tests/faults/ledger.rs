//! What callers were told, and whether the service stands by it.

use super::{Outage, Random, Request, Seen};
use crate::common::{Answer, Api, items, text, token_of};
use invite_tests::{Failure, Result};
use serde_json::{Value, json};

/// An invitation as its callers know it: every line was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) address: String,
    pub(crate) id: String,
    pub(crate) generation: u64,
    pub(crate) status: &'static str,
    /// The present link's token.
    pub(crate) token: String,
    /// The answer to the redemption.
    redemption: Option<Value>,
    /// The types of its events, in their order.
    events: Vec<&'static str>,
    /// Whether a request about it had to be repeated.
    pub(crate) repeated: bool,
}

/// What a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Resend,
    Revoke,
    Redeem,
}

/// The request that issues an invitation.
pub(crate) fn issue(address: &str) -> Request {
    let body = json!({ "recipient": { "email": address }, "return": ["link"] });
    Request { path: "/v1/invitations".to_owned(), key: format!("issue-{address}"), body }
}

impl Entry {
    /// The invitation this answer acknowledges.
    pub(crate) fn issued(address: &str, answer: &Answer, repeated: bool) -> Result<Self> {
        let invitation = answer.expect(201)?;
        let entry = Self {
            address: address.to_owned(),
            id: text(&invitation, "/id")?.to_owned(),
            generation: 1,
            status: "pending",
            token: token_of(text(&invitation, "/link")?)?,
            redemption: None,
            events: vec!["invitation.issued"],
            repeated,
        };
        if (&invitation["status"], &invitation["generation"]) != (&json!("pending"), &json!(1)) {
            return Err(entry.violation("an issue acknowledged something else", &invitation));
        }
        Ok(entry)
    }

    /// The request for this, with a key of its own.
    pub(crate) fn request(&self, verb: Verb) -> Request {
        let Self { id, generation, .. } = self;
        match verb {
            Verb::Resend => Request {
                path: format!("/v1/invitations/{id}/resend"),
                key: format!("resend-{id}-{generation}"),
                body: json!({ "return": ["link"] }),
            },
            Verb::Revoke => Request {
                path: format!("/v1/invitations/{id}/revoke"),
                key: format!("revoke-{id}"),
                body: json!({ "reason": "the plans changed" }),
            },
            // Without a password there is nothing to hash, and it takes no longer than the others.
            Verb::Redeem => Request {
                path: "/v1/redemptions".to_owned(),
                key: format!("redeem-{id}"),
                body: json!({ "token": self.token, "account": { "name": "Ada Lovelace" } }),
            },
        }
    }

    /// Notes what this answer acknowledges. A repeated request must have had the effect of one.
    pub(crate) fn acknowledge(&mut self, verb: Verb, answer: &Answer, repeated: bool) -> Result<()> {
        self.repeated |= repeated;
        // The answer to a repeated redemption says so by its status.
        let status = if verb != Verb::Redeem || (repeated && answer.status == 200) { 200 } else { 201 };
        let document = answer.expect(status)?;
        match verb {
            Verb::Resend => {
                self.generation += 1;
                self.events.push("invitation.resent");
                if document["generation"] != self.generation || document["id"] != self.id {
                    return Err(self.violation("a resend acknowledged something else", &document));
                }
                self.token = token_of(text(&document, "/link")?)?;
            }
            Verb::Revoke => {
                self.status = "revoked";
                self.events.push("invitation.revoked");
                if document["status"] != "revoked" || document["id"] != self.id {
                    return Err(self.violation("a revocation acknowledged something else", &document));
                }
            }
            Verb::Redeem => {
                self.status = "redeemed";
                self.events.extend(["invitation.redeemed", "membership.created"]);
                let right = document["redemption"]["invitation_id"] == self.id
                    && document["redemption"]["generation"] == self.generation
                    && document["account"]["email"] == self.address;
                if !right {
                    return Err(self.violation("a redemption acknowledged something else", &document));
                }
                self.redemption = Some(document);
            }
        }
        Ok(())
    }

    /// Whether the service shows exactly what was acknowledged: state, trail, redemption, membership, one invitation.
    pub(crate) async fn verify(&self, owner: &Api) -> Result<()> {
        let shown = owner.get(&format!("/v1/invitations/{}", self.id)).await?.expect(200)?;
        let uses = u64::from(self.status == "redeemed");
        let right = shown["status"] == self.status
            && shown["generation"] == self.generation
            && shown["uses"] == uses
            && shown["recipient"]["email"] == self.address;
        if !right {
            return Err(self.violation("an acknowledged state is not what is shown", &shown));
        }
        let ids = |redeemed: &Value| {
            ["/redemption/id", "/account/id", "/membership/id"].map(|at| redeemed.pointer(at).cloned())
        };
        let acknowledged = self.redemption.as_ref().map(ids);
        let kept = (!shown["redemption"].is_null())
            .then(|| ["id", "account_id", "membership_id"].map(|member| shown["redemption"].get(member).cloned()));
        if acknowledged != kept {
            return Err(self.violation("the redemption is not the acknowledged one", &shown));
        }
        let trail = owner.get(&format!("/v1/invitations/{}/events", self.id)).await?.expect(200)?;
        let kinds: Vec<_> = items(&trail)?.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect();
        let mut expected = self.events.clone();
        let mut found = kinds.clone();
        // Two events of one moment stand in any order.
        expected.sort_unstable();
        found.sort_unstable();
        if found != expected {
            return Err(self.violation("the trail is not the invitation's", &trail));
        }
        if self.repeated {
            self.verify_single(owner).await?;
        }
        Ok(())
    }

    /// Whether there is one invitation to this address.
    pub(crate) async fn verify_single(&self, owner: &Api) -> Result<()> {
        let list =
            owner.get(&format!("/v1/invitations?query={}&include_total=true", self.address)).await?.expect(200)?;
        if list["total"] != 1 || list["items"][0]["id"] != self.id {
            return Err(self.violation("repeating made another invitation", &list));
        }
        Ok(())
    }

    pub(crate) fn violation(&self, what: &str, shown: &Value) -> Failure {
        Failure::new(format!("{what}\n--- acknowledged\n{self:#?}\n--- shown\n{shown:#}"))
    }
}

/// Lives an invitation's life in a random way until its end or the callers' fancy ends: issued, sent again, revoked or
/// redeemed, each request repeated until it is answered.
pub(crate) async fn live(
    address: &str,
    (owner, anyone): (&Api, &Api),
    outage: &Outage,
    random: &mut Random,
    seen: &mut Seen,
) -> Result<Entry> {
    let (answer, repeated) = issue(address).until_answered(owner, outage, seen).await?;
    let mut entry = Entry::issued(address, &answer, repeated)?;
    let mut fancy = random.below(10);
    if fancy < 3 {
        act(&mut entry, Verb::Resend, owner, outage, seen).await?;
        fancy = random.below(10);
    }
    match fancy {
        0..4 => {}
        4..6 => act(&mut entry, Verb::Revoke, owner, outage, seen).await?,
        _ => act(&mut entry, Verb::Redeem, anyone, outage, seen).await?,
    }
    Ok(entry)
}

async fn act(entry: &mut Entry, verb: Verb, api: &Api, outage: &Outage, seen: &mut Seen) -> Result<()> {
    let (answer, repeated) = entry.request(verb).until_answered(api, outage, seen).await?;
    entry.acknowledge(verb, &answer, repeated)
}
