//! Whether every mail came, and which came twice.

use super::{ground::Ground, ledger::Entry};
use crate::common::{Api, OWNER, items, token, token_of};
use invite_tests::{Failure, Result, mail::Mail, smtp::Received};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// By `Message-ID`: the tokens, one for each time it came.
type Messages = BTreeMap<String, Vec<String>>;

/// The mails of a run.
pub(crate) struct Post {
    /// By recipient.
    mails: BTreeMap<String, Messages>,
    pub(crate) total: usize,
}

impl Post {
    /// Reads them all. Every repetition of a message leads to the same place.
    pub(crate) fn read(received: &[Received]) -> Result<Self> {
        let mut mails: BTreeMap<String, Messages> = BTreeMap::new();
        let mut total = 0;
        for letter in received {
            let [recipient] = letter.to.as_slice() else { return Err(Failure::new("a mail to more than one")) };
            if recipient == OWNER {
                continue;
            }
            let mail = Mail::parse(&letter.raw)?;
            let (id, token) = (mail.header("Message-ID")?.to_owned(), token_of(&mail.only_link()?)?);
            mails.entry(recipient.clone()).or_default().entry(id).or_default().push(token);
            total += 1;
        }
        Ok(Self { mails, total })
    }

    /// How often a message came again.
    pub(crate) fn duplicates(&self) -> usize {
        self.mails.values().flat_map(BTreeMap::values).map(|copies| copies.len() - 1).sum()
    }

    /// How often a message to this address came, by `Message-ID`.
    pub(crate) fn copies(&self, address: &str) -> Vec<usize> {
        self.mails.get(address).into_iter().flat_map(BTreeMap::values).map(Vec::len).collect()
    }

    /// Whether each message is one message: one link for each `Message-ID`, and one `Message-ID` for each generation's link.
    /// Whether nobody got more messages than were acknowledged, whoever can still use an invitation got the mail with which he
    /// can, every message that shows as sent came, whatever became of its invitation, and none was given up.
    pub(crate) async fn verify(&self, entries: &[Entry], ground: &Ground) -> Result<()> {
        let (owner, anyone) = (ground.owner()?, ground.anyone()?);
        let known: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.address.as_str(), entry)).collect();
        if let Some(stranger) = self.mails.keys().find(|address| !known.contains_key(address.as_str())) {
            return Err(Failure::new(format!("{stranger} got a mail and was never invited")));
        }
        for entry in entries {
            self.verify_one(entry, &owner, &anyone).await?;
        }
        let letters = owner.get("/v1/dead-letters").await?.expect(200)?;
        if !items(&letters)?.is_empty() {
            return Err(Failure::new(format!("messages were given up: {letters}")));
        }
        Ok(())
    }

    async fn verify_one(&self, entry: &Entry, owner: &Api, anyone: &Api) -> Result<()> {
        let mut came: BTreeMap<u64, &str> = BTreeMap::new();
        for (id, copies) in self.mails.get(&entry.address).into_iter().flatten() {
            let links: BTreeSet<&String> = copies.iter().collect();
            let generation = generation(&copies[0])?;
            if links.len() != 1 || came.insert(generation, &copies[0]).is_some() {
                return Err(Failure::new(format!("{id} to {}: not one link for one message", entry.address)));
            }
            if generation > entry.generation {
                return Err(entry.violation("a mail of a generation nobody acknowledged", &json!(generation)));
            }
        }
        let shown = owner.get(&format!("/v1/invitations/{}", entry.id)).await?.expect(200)?;
        let right = match shown["deliveries"][0]["state"].as_str() {
            // The delivery that is shown is of the present generation.
            Some("sent") => came.contains_key(&entry.generation),
            Some("cancelled") => entry.status != "pending",
            _ => false,
        };
        if !right {
            return Err(entry.violation("what became of its mail is not what is shown", &shown));
        }
        if entry.status == "pending" {
            let mut good = 0;
            for token in came.values() {
                let preview = anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?;
                good += u32::from(preview.status == 200);
            }
            if good != 1 {
                return Err(entry.violation("not one mail whose link is good", &json!(good)));
            }
        }
        Ok(())
    }
}

/// The generation a token is of, which it says itself.
fn generation(text: &str) -> Result<u64> {
    let bytes = token::decode(text)?;
    Ok(u64::from(u16::from_be_bytes([bytes[18], bytes[19]])))
}
