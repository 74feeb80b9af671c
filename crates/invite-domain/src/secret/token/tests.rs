use super::*;
use crate::secret::{
    account_token, base62,
    credential::{CredentialKind, CredentialText},
    keyring::KeyState,
    test_support::{Counting, hex, vector_key, vector_ring},
};
use proptest::prelude::*;

const MAILED: &str = "inv_0VSTem8nho5xipGKoiTGrMdGNayehGAxCa36Dld8leyCY3W9OQk40ffxGAMrgKmU61JxeOV";
const REVEALED: &str = "inv_0XJ1jTxdnWPFYpQwDAsWmUPipb5u6OlCc70tDGGITkaw5DbMMzCqP4Op4rmSRp6HM3j6mVD";
const ALL: [Provenance; 5] =
    [Provenance::Mailed, Provenance::Revealed, Provenance::Answer, Provenance::Export, Provenance::Texted];

fn uuid(text: &str) -> uuid::Uuid {
    text.parse().unwrap()
}

/// A row that owns what its binding borrows.
#[derive(Clone)]
struct Row {
    key_id: KeyId,
    invitation: InvitationId,
    generation: u16,
    organization: OrganizationId,
    nonce: Nonce,
    digest: GrantDigest,
}

impl Row {
    fn vector() -> Self {
        Self {
            key_id: KeyId::new(7).unwrap(),
            invitation: InvitationId::from_uuid(uuid("0190f3c2a4b57c3d8e9fa0b1c2d3e4f5")),
            generation: 3,
            organization: OrganizationId::from_uuid(uuid("0190f3c2000070008000000000000001")),
            nonce: Nonce::from_bytes([0xa5; 32]),
            digest: GrantDigest::from_bytes(Sha256::digest("grant-v1-example").into()),
        }
    }

    fn binding(&self) -> TokenBinding<'_> {
        TokenBinding {
            key_id: self.key_id,
            invitation: self.invitation,
            generation: self.generation,
            organization: self.organization,
            nonce: &self.nonce,
            grant_digest: &self.digest,
        }
    }
}

fn bytes_of(text: &str) -> [u8; 48] {
    base62::decode(&text.as_bytes()[4..69]).unwrap()
}

/// The text of any 48 bytes, with a checksum that holds.
fn text_of(bytes: &[u8; 48]) -> String {
    let mut text = format!("inv_{}", base62::encode(bytes, 65));
    let checksum = base62::checksum(text.as_bytes());
    text.extend(checksum.map(char::from));
    text
}

#[test]
fn r7_7_the_texts_are_those_of_the_test_vector() {
    let (ring, row) = (vector_ring(), Row::vector());
    assert_eq!(mint(&ring, &row.binding(), Provenance::Mailed).unwrap().expose(), MAILED);
    assert_eq!(mint(&ring, &row.binding(), Provenance::Revealed).unwrap().expose(), REVEALED);
    let bytes = bytes_of(MAILED);
    assert_eq!(hex(&bytes[..20]), "11070190f3c2a4b57c3d8e9fa0b1c2d3e4f50003");
    assert_eq!(hex(&bytes[20..40]), "8b459312a6f827f4362ffd4707a002efa666da3c");
    assert_eq!(hex(&bytes[40..]), "48959ca1186059ea");
}

#[test]
fn r7_7_the_texts_of_the_test_vector_parse_and_verify() {
    let (ring, row) = (vector_ring(), Row::vector());
    for (text, provenance) in [(MAILED, Provenance::Mailed), (REVEALED, Provenance::Revealed)] {
        let token = ParsedToken::parse(text, &ring).unwrap();
        assert_eq!(token.invitation(), row.invitation);
        assert_eq!((token.generation(), token.key_id(), token.provenance()), (3, row.key_id, provenance));
        assert!(token.verify(&ring, &row.binding()));
        assert!(!token.verify_dummy(&ring));
    }
}

#[test]
fn r7_1_the_text_is_always_75_characters() {
    let ring = vector_ring();
    for number in [0, 1, u128::MAX] {
        for (generation, provenance) in [1, 256, u16::MAX].into_iter().flat_map(|g| ALL.map(|p| (g, p))) {
            let invitation = InvitationId::from_uuid(uuid::Uuid::from_u128(number));
            let row = Row { invitation, generation, ..Row::vector() };
            let text = mint(&ring, &row.binding(), provenance).unwrap();
            assert_eq!(text.expose().len(), 75);
            let token = ParsedToken::parse(text.expose(), &ring).unwrap();
            assert_eq!((token.generation(), token.provenance()), (generation, provenance));
            assert!(token.verify(&ring, &row.binding()));
        }
    }
}

#[test]
fn tok_1_every_flipped_bit_is_refused_before_any_lookup() {
    let ring = vector_ring();
    for bit in 0..48 * 8 {
        let mut bytes = bytes_of(MAILED);
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(ParsedToken::parse(&text_of(&bytes), &ring).is_err(), "bit {bit}");
    }
    for bit in 0..75 * 8 {
        let mut text = MAILED.as_bytes().to_vec();
        text[bit / 8] ^= 1 << (bit % 8);
        let Ok(text) = String::from_utf8(text) else { continue };
        assert_eq!(ParsedToken::parse(&text, &ring).err(), Some(TokenError::Malformed), "bit {bit}");
    }
}

#[test]
fn tok_1_random_forgeries_are_refused_whatever_they_get_right() {
    let (ring, entropy) = (vector_ring(), Counting::default());
    let genuine = bytes_of(MAILED);
    for round in 0..20_000 {
        let mut bytes = [0; 48];
        entropy.fill(&mut bytes);
        // The forger knows nothing, the header, or header and tag.
        let known = [0, 2, 20, 40][round % 4];
        bytes[..known].copy_from_slice(&genuine[..known]);
        let refusal = ParsedToken::parse(&text_of(&bytes), &ring).expect_err("a forgery");
        if known > 0 {
            assert_eq!(refusal, TokenError::Forged);
        }
    }
}

#[test]
fn r7_2_a_wrong_shape_is_malformed() {
    let ring = vector_ring();
    let with = |index: usize, byte: u8| {
        let mut bytes = bytes_of(MAILED);
        bytes[index] = byte;
        text_of(&bytes)
    };
    let too_large = {
        let front = format!("inv_{}", "z".repeat(65));
        let checksum = base62::checksum(front.as_bytes()).map(char::from);
        front + &String::from_iter(checksum)
    };
    let table = [
        String::new(),
        "inv_".into(),
        MAILED[..74].into(),
        format!("{MAILED}0"),
        format!(" {MAILED}"),
        format!("{MAILED}\n"),
        MAILED.to_lowercase(),
        MAILED.replacen("inv_", "ina_", 1),
        MAILED.replacen("inv_", "INV_", 1),
        "é".repeat(37) + "x",
        too_large,
        with(0, 0x21), // version 2
        with(0, 0x01), // version 0
        with(0, 0x10), // provenance 0
        with(0, 0x16), // provenance 6
        with(1, 0),    // key id 0
    ];
    for text in table {
        assert_eq!(ParsedToken::parse(&text, &ring).err(), Some(TokenError::Malformed), "{text:?}");
    }
}

#[test]
fn r7_2_a_longer_or_shorter_text_is_malformed_even_with_a_checksum_that_holds() {
    let sealed = |front: &str| {
        let mut text = front.to_owned();
        text.extend(base62::checksum(front.as_bytes()).map(char::from));
        text
    };
    let front = &MAILED[..69];
    assert_eq!(sealed(front), MAILED);
    let texts = [sealed(&format!("{front}0")), sealed(&front[..68]), sealed("inv_"), sealed("")];
    for text in texts {
        assert_eq!(ParsedToken::parse(&text, &vector_ring()).err(), Some(TokenError::Malformed), "{text}");
    }
}

#[test]
fn the_trail_has_a_word_for_each_provenance() {
    assert_eq!(ALL.map(Provenance::name), ["mailed", "revealed", "answer", "export", "texted"]);
}

#[test]
fn a_parsed_token_prints_what_it_names_and_not_what_it_is() {
    let parsed = ParsedToken::parse(MAILED, &vector_ring()).unwrap();
    let printed = format!("{parsed:?}");
    assert!(printed.contains("0190f3c2-a4b5-7c3d-8e9f-a0b1c2d3e4f5") && printed.contains("generation: 3"), "{printed}");
    assert!(!printed.contains("tag"), "{printed}");
}

#[test]
fn r7_1_generation_zero_is_malformed_even_with_a_gate_that_holds() {
    let (ring, row) = (vector_ring(), Row { generation: 0, ..Row::vector() });
    let text = mint(&ring, &row.binding(), Provenance::Mailed).unwrap();
    assert_eq!(ParsedToken::parse(text.expose(), &ring).err(), Some(TokenError::Malformed));
}

#[test]
fn r7_2_a_token_of_any_other_row_does_not_verify() {
    let row = Row::vector();
    let mut other_key = vector_key();
    other_key[0] = 1;
    let ring = KeyRing::unchecked(vec![
        (row.key_id, KeyState::Active, vector_key()),
        (KeyId::new(8).unwrap(), KeyState::Verify, other_key),
    ]);
    let token = ParsedToken::parse(MAILED, &ring).unwrap();
    assert!(token.verify(&ring, &row.binding()));
    let others = [
        Row { key_id: KeyId::new(8).unwrap(), ..row.clone() },
        Row { key_id: KeyId::new(9).unwrap(), ..row.clone() },
        Row { invitation: InvitationId::from_uuid(uuid::Uuid::nil()), ..row.clone() },
        Row { generation: 4, ..row.clone() },
        Row { organization: OrganizationId::from_uuid(uuid::Uuid::nil()), ..row.clone() },
        Row { nonce: Nonce::from_bytes([0xa4; 32]), ..row.clone() },
        Row { digest: GrantDigest::from_bytes([0; 32]), ..row },
    ];
    for (index, other) in others.iter().enumerate() {
        assert!(!token.verify(&ring, &other.binding()), "row {index}");
    }
}

#[test]
fn r7_3_no_provenance_can_be_turned_into_another() {
    let ring = vector_ring();
    let token = ParsedToken::parse(REVEALED, &ring).unwrap();
    assert_eq!(token.provenance(), Provenance::Revealed);
    for nibble in [1, 3, 4, 5] {
        let mut bytes = bytes_of(REVEALED);
        bytes[0] = 0x10 | nibble;
        assert_eq!(ParsedToken::parse(&text_of(&bytes), &ring).err(), Some(TokenError::Forged));
    }
    // Even whoever could make gates could not: the tag covers the provenance too.
    let tags: BTreeSet<_> = ALL
        .map(|provenance| mint(&ring, &Row::vector().binding(), provenance).unwrap())
        .map(|text| bytes_of(text.expose())[20..40].to_vec())
        .into();
    assert_eq!(tags.len(), ALL.len());
}

#[test]
fn tok_5_a_verify_key_still_proves_and_a_retired_or_unknown_one_does_not() {
    let ring = |state| KeyRing::unchecked(vec![(KeyId::new(7).unwrap(), state, vector_key())]);
    let row = Row::vector();
    let verifying = ring(KeyState::Verify);
    assert!(ParsedToken::parse(MAILED, &verifying).unwrap().verify(&verifying, &row.binding()));

    let retired = ring(KeyState::Retired);
    assert_eq!(ParsedToken::parse(MAILED, &retired).err(), Some(TokenError::UnknownKey));
    assert_eq!(mint(&retired, &row.binding(), Provenance::Mailed).err(), Some(MintError(row.key_id)));
    // A ring reloaded between parsing and verifying.
    assert!(!ParsedToken::parse(MAILED, &verifying).unwrap().verify(&retired, &row.binding()));

    let unknown = KeyRing::generate(&Counting::default());
    assert_eq!(ParsedToken::parse(MAILED, &unknown).err(), Some(TokenError::UnknownKey));
    let other = KeyRing::unchecked(vec![(KeyId::new(7).unwrap(), KeyState::Active, [9; 32])]);
    assert_eq!(ParsedToken::parse(MAILED, &other).err(), Some(TokenError::Forged));
}

#[test]
fn tok_4_no_other_secret_passes_for_a_token_and_no_token_for_another_secret() {
    let (ring, entropy) = (vector_ring(), Counting::default());
    for kind in [CredentialKind::ApiKey, CredentialKind::Session] {
        let credential = CredentialText::generate(kind, &entropy);
        assert_eq!(ParsedToken::parse(credential.expose(), &ring).err(), Some(TokenError::Malformed));
    }
    assert_eq!(account_token::ParsedAccountToken::parse(MAILED, &ring).err(), Some(TokenError::Malformed));
    assert!(crate::secret::credential::ParsedCredential::parse(MAILED).is_none());
}

#[test]
fn nothing_prints_a_token_or_a_nonce() {
    let (ring, row) = (vector_ring(), Row::vector());
    let text = mint(&ring, &row.binding(), Provenance::Mailed).unwrap();
    assert_eq!(format!("{text:?}"), "TokenText(…)");
    assert_eq!(format!("{:?}", row.nonce), "Nonce(…)");
    let printed = format!("{:?} {:?}", ParsedToken::parse(MAILED, &ring).unwrap(), row.binding());
    assert!(!printed.contains("139, 69") && !printed.contains("165") && !printed.contains("a5a5"), "{printed}");
}

#[test]
fn a_nonce_is_new_every_time_and_equal_to_itself() {
    let entropy = Counting::default();
    let (a, b) = (Nonce::generate(&entropy), Nonce::generate(&entropy));
    assert_ne!(a, b);
    assert_eq!(a, Nonce::from_bytes(*a.expose()));
}

#[test]
fn r7_1_the_grant_digest_is_sha_256_over_length_prefixed_fields() {
    let role = RoleId::from_uuid(uuid("0190F3C2000070008000000000000002"));
    let digest = GrantDigest::compute("email", "a@x.org", Some(role), ["b.read", "a.read"].into_iter());
    let mut expected = Vec::new();
    for field in ["email", "a@x.org", "0190f3c2-0000-7000-8000-000000000002", "a.read\nb.read"] {
        expected.extend([0, 0, 0, u8::try_from(field.len()).unwrap()]);
        expected.extend(field.as_bytes());
    }
    assert_eq!(*digest.as_bytes(), <[u8; 32]>::from(Sha256::digest(expected)));
    let empty = GrantDigest::compute("", "", None, std::iter::empty());
    assert_eq!(*empty.as_bytes(), <[u8; 32]>::from(Sha256::digest([0; 16])));
}

#[test]
fn r7_1_grants_that_differ_have_digests_that_differ() {
    let role = |number| Some(RoleId::from_uuid(uuid::Uuid::from_u128(number)));
    let digests = [
        GrantDigest::compute("email", "a@x.org", None, std::iter::empty()),
        GrantDigest::compute("emaila", "@x.org", None, std::iter::empty()),
        GrantDigest::compute("phone", "a@x.org", None, std::iter::empty()),
        GrantDigest::compute("email", "b@x.org", None, std::iter::empty()),
        GrantDigest::compute("email", "a@x.org", role(1), std::iter::empty()),
        GrantDigest::compute("email", "a@x.org", role(2), std::iter::empty()),
        GrantDigest::compute("email", "a@x.org", None, ["a.read"].into_iter()),
        GrantDigest::compute("email", "a@x.org", None, ["a.read", "b.read"].into_iter()),
    ];
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[..index].contains(digest), "digest {index}");
    }
    let twice = GrantDigest::compute("email", "a@x.org", None, ["b.read", "a.read", "b.read"].into_iter());
    assert_eq!(twice, digests[7]);
}

proptest! {
    #[test]
    fn every_token_verifies_for_its_row_and_for_no_other(
        invitation in any::<u128>(), organization in any::<u128>(), generation in 1_u16.., nonce in any::<[u8; 32]>(),
        digest in any::<[u8; 32]>(), provenance in proptest::sample::select(ALL.to_vec()), flip in 0_usize..256,
    ) {
        let ring = vector_ring();
        let row = Row {
            key_id: KeyId::new(7).unwrap(),
            invitation: InvitationId::from_uuid(uuid::Uuid::from_u128(invitation)),
            generation,
            organization: OrganizationId::from_uuid(uuid::Uuid::from_u128(organization)),
            nonce: Nonce::from_bytes(nonce),
            digest: GrantDigest::from_bytes(digest),
        };
        let text = mint(&ring, &row.binding(), provenance).unwrap();
        let token = ParsedToken::parse(text.expose(), &ring).unwrap();
        prop_assert!(token.verify(&ring, &row.binding()));
        let mut wrong = nonce;
        wrong[flip / 8] ^= 1 << (flip % 8);
        let other = Row { nonce: Nonce::from_bytes(wrong), ..row };
        prop_assert!(!token.verify(&ring, &other.binding()));
    }

    #[test]
    fn tok_1_any_text_is_refused_without_a_panic(text in any::<String>()) {
        prop_assert!(ParsedToken::parse(&text, &vector_ring()).is_err());
    }
}
