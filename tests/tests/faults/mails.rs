//! Whether every mail came, and which came twice.

use super::ledger::Entry;
use crate::common::{Api, OWNER, token_of};
use invite_tests::{Failure, Result, mail::Mail, smtp::Received};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The mails of a run.
pub(crate) struct Post {
    /// By recipient and `Message-ID`: the tokens, one for each time it came.
    mails: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    pub(crate) total: usize,
}

impl Post {
    /// Reads them all. Every repetition of a message leads to the same place.
    pub(crate) fn read(received: &[Received]) -> Result<Self> {
        let mut mails: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
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

    /// Whether each message is one message: one link for each `Message-ID`, and one `Message-ID` for each link. Whether
    /// nobody got more messages than were acknowledged, and whoever can still use an invitation got the mail with which he
    /// can.
    pub(crate) async fn verify(&self, entries: &[Entry], anyone: &Api) -> Result<()> {
        let known: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.address.as_str(), entry)).collect();
        if let Some(stranger) = self.mails.keys().find(|address| !known.contains_key(address.as_str())) {
            return Err(Failure::new(format!("{stranger} got a mail and was never invited")));
        }
        for entry in entries {
            let messages = self.mails.get(&entry.address);
            let mut tokens = BTreeSet::new();
            for (id, copies) in messages.into_iter().flatten() {
                let links: BTreeSet<&String> = copies.iter().collect();
                if links.len() != 1 || !tokens.insert(&copies[0]) {
                    return Err(Failure::new(format!("{id} to {}: not one link for one message", entry.address)));
                }
            }
            if tokens.len() as u64 > entry.generation {
                return Err(entry.violation("more messages than generations", &json!(tokens.len())));
            }
            if entry.status == "pending" {
                let mut good = 0;
                for token in tokens {
                    let preview = anyone.post("/v1/redemptions/preview", &json!({ "token": token })).await?;
                    good += u32::from(preview.status == 200);
                }
                if good != 1 {
                    return Err(entry.violation("not one mail whose link is good", &json!(good)));
                }
            }
        }
        Ok(())
    }
}
