//! Invitation tokens (rules 7.1, 7.2; TOK-1).

use super::{
    base62::{opened, sealed},
    input::{Input, replaced},
    keys::{RING, key_id, nonce, verdict},
};
use invite_domain::{
    id::{InvitationId, OrganizationId},
    secret::{
        GrantDigest, ParsedAccountToken, ParsedCredential, ParsedToken, Provenance, TokenBinding, TokenError,
        token::mint,
    },
};
use uuid::Uuid;

const PROVENANCES: [Provenance; 5] =
    [Provenance::Mailed, Provenance::Revealed, Provenance::Answer, Provenance::Export, Provenance::Texted];

/// Any text; any 48 bytes in a text whose checksum holds; a minted token and its neighbours.
pub fn token(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.byte() % 3 {
        0 => any_text(&input.text()),
        1 => any_bytes(&input.array()),
        _ => minted(&mut input),
    }
}

/// Held against a second reader.
fn any_text(text: &str) {
    let expected = opened("inv_", text).map_or(Some(TokenError::Malformed), |bytes| told(&bytes));
    assert_eq!(ParsedToken::parse(text, &RING).err(), expected, "{text:?}");
}

fn any_bytes(bytes: &[u8; 48]) {
    let text = sealed("inv_", bytes);
    assert_eq!(opened("inv_", &text), Some(*bytes), "{text}");
    assert_eq!(ParsedToken::parse(&text, &RING).err(), told(bytes), "{text}");
}

/// Generations count from 1.
fn told(bytes: &[u8; 48]) -> Option<TokenError> {
    verdict(1, bytes).or((bytes[18..20] == [0, 0]).then_some(TokenError::Malformed))
}

fn minted(input: &mut Input<'_>) {
    let nonce = nonce(input.byte());
    let grant_digest = GrantDigest::from_bytes(input.array());
    let generation = u16::from_be_bytes(input.array()).max(1);
    let provenance = input.pick(&PROVENANCES);
    let binding = TokenBinding {
        key_id: key_id(input.pick(&[3, 7])),
        invitation: InvitationId::from_uuid(Uuid::from_bytes(input.array())),
        generation,
        organization: OrganizationId::from_uuid(Uuid::from_bytes(input.array())),
        nonce: &nonce,
        grant_digest: &grant_digest,
    };
    let text = mint(&RING, &binding, provenance).unwrap_or_else(|error| panic!("{error}"));
    let text = text.expose();
    assert!(text.len() == 75 && text.starts_with("inv_") && text[4..].bytes().all(|b| b.is_ascii_alphanumeric()));
    let parsed = ParsedToken::parse(text, &RING).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(
        (parsed.invitation(), parsed.generation(), parsed.provenance(), parsed.key_id()),
        (binding.invitation, generation, provenance, binding.key_id)
    );
    assert!(parsed.verify(&RING, &binding) && !parsed.verify_dummy(&RING));

    // TOK-4: it is nothing else.
    assert!(ParsedAccountToken::parse(text, &RING).is_err() && ParsedCredential::parse(text).is_none());

    // Of one row, and of no other.
    let other_nonce = super::keys::nonce(0xff);
    let mut digest = *grant_digest.as_bytes();
    digest[usize::from(input.byte()) % 32] ^= 1 << (input.byte() % 8);
    let other_digest = GrantDigest::from_bytes(digest);
    let other_organization = OrganizationId::from_uuid(Uuid::from_u128(binding.organization.as_uuid().as_u128() ^ 1));
    for other in [
        TokenBinding { key_id: key_id(if binding.key_id.get() == 3 { 7 } else { 3 }), ..binding },
        TokenBinding { key_id: key_id(9), ..binding },
        TokenBinding { generation: generation ^ 1, ..binding },
        TokenBinding { organization: other_organization, ..binding },
        TokenBinding { grant_digest: &other_digest, ..binding },
    ] {
        assert!(!parsed.verify(&RING, &other), "{other:?}");
    }
    if *nonce.expose() != [0xff; 32] {
        assert!(!parsed.verify(&RING, &TokenBinding { nonce: &other_nonce, ..binding }));
    }

    // Its text has no neighbour: no other spelling of it is read.
    let changed = replaced(text, input.byte(), char::from(input.byte()));
    let longer = format!("{text}{}", char::from(input.byte()));
    for neighbour in [&changed, &longer, &text.to_ascii_lowercase(), &text[..text.len() - 1]] {
        assert!(neighbour == text || ParsedToken::parse(neighbour, &RING).is_err(), "{neighbour} beside {text}");
    }
}
