//! Account tokens (rule 7.9) and bearer credentials.

use super::{
    base62::{opened, sealed, with_checksum},
    input::{Input, replaced},
    keys::{RING, key_id, nonce, verdict},
};
use invite_domain::{
    id::AccountId,
    port::Entropy,
    secret::{
        AccountPurpose, AccountTokenBinding, CredentialKind, CredentialText, ParsedAccountToken, ParsedCredential,
        ParsedToken, Provenance, TokenError, account_token::mint,
    },
};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

const KINDS: [CredentialKind; 3] = [CredentialKind::ApiKey, CredentialKind::Session, CredentialKind::Refresh];
const PURPOSES: [AccountPurpose; 3] =
    [AccountPurpose::OwnerLink, AccountPurpose::PasswordReset, AccountPurpose::ChangeAddress];

/// Any text as both; 48 bytes with a good checksum; a minted account token; a generated credential; a made-up one.
pub fn credential(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.byte() % 4 {
        0 => any_text(&input.text()),
        1 => any_bytes(&input.array()),
        2 => minted(&mut input),
        _ => generated(&mut input),
    }
}

/// Account tokens are held against a second reader. A credential is only a shape: its text is the one that leads to its digest.
fn any_text(text: &str) {
    let expected = opened("ina_", text).map_or(Some(TokenError::Malformed), |bytes| told(&bytes));
    assert_eq!(ParsedAccountToken::parse(text, &RING).err(), expected, "{text:?}");
    let front = text.get(..text.len().saturating_sub(6)).unwrap_or_default();
    let kind = KINDS.into_iter().find(|kind| front.starts_with(kind.prefix()));
    let digits = |text: &str| text.len() == 34 && text[4..].bytes().all(|b| b.is_ascii_alphanumeric());
    let expected = kind.filter(|_| digits(front) && with_checksum(front) == text);
    assert_eq!(ParsedCredential::parse(text).map(|parsed| parsed.kind()), expected, "{text:?}");
    // The same front with its checksum, so that the shape behind it is reached.
    let whole = with_checksum(text);
    let expected = KINDS.into_iter().find(|kind| text.starts_with(kind.prefix())).filter(|_| digits(text));
    assert_eq!(ParsedCredential::parse(&whole).map(|parsed| parsed.kind()), expected, "{whole:?}");
}

fn any_bytes(bytes: &[u8; 48]) {
    let text = sealed("ina_", bytes);
    assert_eq!(ParsedAccountToken::parse(&text, &RING).err(), told(bytes), "{text}");
}

/// There are three purposes.
fn told(bytes: &[u8; 48]) -> Option<TokenError> {
    verdict(2, bytes).or((!(1..=3).contains(&bytes[18])).then_some(TokenError::Malformed))
}

fn minted(input: &mut Input<'_>) {
    let nonce = nonce(input.byte());
    let binding = AccountTokenBinding {
        key_id: key_id(input.pick(&[3, 7])),
        account: AccountId::from_uuid(Uuid::from_bytes(input.array())),
        purpose: input.pick(&PURPOSES),
        counter: input.byte(),
        nonce: &nonce,
    };
    let provenance = input.pick(&[Provenance::Mailed, Provenance::Answer]);
    let text = mint(&RING, &binding, provenance).unwrap_or_else(|error| panic!("{error}"));
    let text = text.expose();
    let parsed = ParsedAccountToken::parse(text, &RING).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(
        (parsed.account(), parsed.purpose(), parsed.counter(), parsed.provenance(), parsed.key_id()),
        (binding.account, binding.purpose, binding.counter, provenance, binding.key_id)
    );
    assert!(parsed.verify(&RING, &binding));
    assert!(ParsedToken::parse(text, &RING).is_err() && ParsedCredential::parse(text).is_none());
    assert!(ParsedToken::parse(&text.replacen("ina_", "inv_", 1), &RING).is_err());
    assert!(!parsed.verify(&RING, &AccountTokenBinding { counter: binding.counter ^ 1, ..binding }));
    assert!(!parsed.verify(&RING, &AccountTokenBinding { key_id: key_id(9), ..binding }));
    let changed = replaced(text, input.byte(), char::from(input.byte()));
    assert!(changed == text || ParsedAccountToken::parse(&changed, &RING).is_err(), "{changed} beside {text}");
}

/// Bytes of the input, then bytes of a counter: `generate` draws until it has enough that fit.
struct Drawn<'a>(&'a [u8], AtomicU64);

impl Entropy for Drawn<'_> {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let drawn = self.1.fetch_add(1, Ordering::Relaxed);
            let at = usize::try_from(drawn).unwrap_or(usize::MAX);
            *byte = self.0.get(at).copied().unwrap_or((drawn % 251) as u8);
        }
    }
}

fn generated(input: &mut Input<'_>) {
    let kind = input.pick(&KINDS);
    let (at, by) = (input.byte(), char::from(input.byte()));
    let entropy: [u8; 64] = input.array();
    let text = CredentialText::generate(kind, &Drawn(&entropy, AtomicU64::new(0)));
    let (digest, text) = (text.digest(), text.expose());
    assert!(text.len() == 40 && text.starts_with(kind.prefix()));
    let parsed = ParsedCredential::parse(text).unwrap_or_else(|| panic!("{text}"));
    assert_eq!((parsed.kind(), parsed.digest()), (kind, digest));
    assert!(ParsedToken::parse(text, &RING).is_err() && ParsedAccountToken::parse(text, &RING).is_err());
    let changed = replaced(text, at, by);
    assert!(changed == text || ParsedCredential::parse(&changed).is_none(), "{changed} beside {text}");
}
