use super::*;
use crate::secret::test_support::{Counting, hex, vector_key, vector_ring};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

const SHOWN: &str = "6KNS-4129-2BR";

fn uuid(text: &str) -> uuid::Uuid {
    text.parse().unwrap()
}

fn kid(id: u8) -> KeyId {
    KeyId::new(id).unwrap()
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
            key_id: kid(7),
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

    fn code(&self, ring: &KeyRing) -> String {
        make(ring, &self.binding()).unwrap().expose().to_owned()
    }
}

/// Keys 3 (retired), 5 (verify), 7 (active).
fn three_keys() -> KeyRing {
    let mut second = vector_key();
    second.reverse();
    let mut retired = vector_key();
    retired[0] = 0xff;
    KeyRing::unchecked(vec![
        (kid(3), KeyState::Retired, retired),
        (kid(5), KeyState::Verify, second),
        (kid(7), KeyState::Active, vector_key()),
    ])
}

/// The eleven characters of `count` codes, each of another nonce.
fn compact_codes(count: usize) -> Vec<[u8; 11]> {
    let (ring, entropy) = (vector_ring(), Counting::default());
    let code = |_| {
        let row = Row { nonce: Nonce::generate(&entropy), ..Row::vector() };
        row.code(&ring).replace('-', "").into_bytes().try_into().unwrap()
    };
    (0..count).map(code).collect()
}

fn refusal(typed: &[u8]) -> Option<CodeError> {
    TypedCode::parse(std::str::from_utf8(typed).unwrap()).err()
}

#[test]
fn r7_7_code_and_index_are_those_of_the_test_vector() {
    let (ring, row) = (vector_ring(), Row::vector());
    assert_eq!(row.code(&ring), SHOWN);
    let index = index(&ring, &row.binding()).unwrap();
    assert_eq!(hex(index.as_bytes()), "2017178100ce98912ff0ef1f3c5a9196");
    assert_eq!(CodeIndex::from_bytes(*index.as_bytes()), index);
    let typed = TypedCode::parse(SHOWN).unwrap();
    assert_eq!(typed.indexes(&ring, row.organization), [(row.key_id, index)]);
    assert!(typed.verify(&ring, &row.binding()));
    assert!(!typed.verify_dummy(&ring));
}

#[test]
fn r7_5_a_code_is_shown_in_groups_of_four_four_and_three() {
    let (ring, entropy) = (vector_ring(), Counting::default());
    let mut seen = HashSet::new();
    for generation in 1..500 {
        let row = Row { generation, nonce: Nonce::generate(&entropy), ..Row::vector() };
        let shown = row.code(&ring);
        let groups: Vec<usize> = shown.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 3], "{shown}");
        assert!(shown.bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)), "{shown}");
        assert!(TypedCode::parse(&shown).unwrap().verify(&ring, &row.binding()));
        assert!(seen.insert(shown));
    }
}

#[test]
fn r7_5_the_check_character_is_the_weighted_sum_of_the_others() {
    // A one at place i alone gives αⁱ: 2, 4, 8, 16, and from there on reduced by x⁵ = x² + 1.
    for (place, power) in [2, 4, 8, 16, 5, 10, 20, 13, 26, 17].into_iter().enumerate() {
        let mut values = [0; LENGTH];
        values[place] = 1;
        assert_eq!(check(&values), power, "place {place}");
    }
    assert_eq!(check(&[0; LENGTH]), 0);
}

#[test]
fn r7_5_every_single_wrong_character_is_mistyped() {
    for code in compact_codes(300) {
        for (place, replacement) in (0..11).flat_map(|place| ALPHABET.iter().map(move |c| (place, *c))) {
            let mut typed = code;
            typed[place] = replacement;
            let expected = (typed != code).then_some(CodeError::Mistyped);
            assert_eq!(refusal(&typed), expected, "{code:?} at {place}: {replacement}");
        }
    }
}

#[test]
fn r7_5_every_exchange_of_two_characters_is_mistyped() {
    let mut exchanges = 0;
    for code in compact_codes(1000) {
        for (first, second) in (0..11).flat_map(|first| (first + 1..11).map(move |second| (first, second))) {
            let mut typed = code;
            typed.swap(first, second);
            let expected = (typed != code).then_some(CodeError::Mistyped);
            assert_eq!(refusal(&typed), expected, "{code:?}: {first} and {second}");
            exchanges += usize::from(typed != code);
        }
    }
    assert!(exchanges > 50_000, "{exchanges}");
}

#[test]
fn r7_5_input_is_forgiving() {
    let (ring, row) = (vector_ring(), Row::vector());
    let table = [
        "6KNS-4129-2BR",
        "6KNS41292BR",
        "6kns-4129-2br",
        "6kNs 4129 2bR",
        "  6KNS - 4129 - 2BR\r\n",
        "6KNS\u{a0}4129\u{202f}2BR",
        "6KNS\u{2013}4129\u{2011}2BR\u{2212}",
        "6-K-N-S-4-1-2-9-2-B-R",
        "6KNS-4I29-2BR",
        "6KNS-4i29-2BR",
        "6KNS-4L29-2BR",
        "6KNS-4l29-2BR",
    ];
    for text in table {
        assert!(TypedCode::parse(text).unwrap().verify(&ring, &row.binding()), "{text}");
    }
    for text in ["00000000000", "ooooo-OOOOO-o", "OOOO oooo 000"] {
        assert_eq!(*TypedCode::parse(text).unwrap().0, [0; LENGTH], "{text}");
    }
}

#[test]
fn r7_5_forgiven_spellings_have_the_index_of_the_code() {
    let (ring, organization) = (three_keys(), Row::vector().organization);
    let indexes = |text: &str| TypedCode::parse(text).unwrap().indexes(&ring, organization);
    assert_eq!(indexes("6kns 4l29 2br"), indexes(SHOWN));
}

#[test]
fn r7_5_what_is_not_eleven_characters_of_the_alphabet_is_malformed() {
    let long = format!("{SHOWN}{}", " ".repeat(MAX_TYPED_OCTETS - SHOWN.len() + 1));
    let table = [
        "",
        "   ",
        "-",
        "6KNS-4129-2B",
        "6KNS-4129-2BRR",
        "6KNS-4129-2BR-6KNS-4129-2BR",
        "UKNS-4129-2BR",
        "6KNS-4129-2BU",
        "6kns-4129-2bu",
        "6KNS_4129_2BR",
        "6KNS.4129.2BR",
        "6KNS-4129-2B*",
        "6KNS-4129-2B\0",
        // Letters that only look like one of the alphabet: Kelvin sign, full-width six, Cyrillic В, Arabic zero.
        "6\u{212A}NS-4129-2BR",
        "６KNS-4129-2BR",
        "6KNS-4129-2ВR",
        "6KNS-4129-2B\u{660}",
        "6KNS\u{200B}4129-2BR",
        &long,
    ];
    for text in table {
        assert_eq!(TypedCode::parse(text).err(), Some(CodeError::Malformed), "{text:?}");
    }
    assert!(TypedCode::parse(&long[..MAX_TYPED_OCTETS]).is_ok());
}

#[test]
fn r7_5_a_u_is_refused_at_every_place() {
    for place in 0..11 {
        for letter in [b'U', b'u'] {
            let mut typed = *b"6KNS41292BR";
            typed[place] = letter;
            assert_eq!(refusal(&typed), Some(CodeError::Malformed), "place {place}");
        }
    }
}

#[test]
fn r7_5_the_code_of_another_row_or_key_is_another_code() {
    let (ring, row) = (three_keys(), Row::vector());
    let typed = TypedCode::parse(&row.code(&ring)).unwrap();
    let others = [
        Row { key_id: kid(5), ..row.clone() },
        Row { invitation: InvitationId::from_uuid(uuid("0190f3c2a4b57c3d8e9fa0b1c2d3e4f6")), ..row.clone() },
        Row { generation: 4, ..row.clone() },
        Row { organization: OrganizationId::from_uuid(uuid("0190f3c2000070008000000000000002")), ..row.clone() },
        Row { nonce: Nonce::from_bytes([0xa6; 32]), ..row.clone() },
    ];
    let mut codes = HashSet::from([row.code(&ring)]);
    for (number, other) in others.iter().enumerate() {
        assert!(codes.insert(other.code(&ring)), "{number}");
        assert!(!typed.verify(&ring, &other.binding()), "{number}");
    }
}

#[test]
fn r7_5_the_same_row_under_other_key_material_has_another_code() {
    let mut key = vector_key();
    key[31] ^= 1;
    let (ring, other) = (vector_ring(), KeyRing::unchecked(vec![(kid(7), KeyState::Active, key)]));
    let row = Row::vector();
    assert_ne!(row.code(&other), SHOWN);
    assert_ne!(index(&other, &row.binding()).unwrap(), index(&ring, &row.binding()).unwrap());
    assert!(!TypedCode::parse(SHOWN).unwrap().verify(&other, &row.binding()));
}

#[test]
fn r7_5_the_grant_is_no_part_of_the_code() {
    let (ring, row) = (vector_ring(), Row::vector());
    let other = Row { digest: GrantDigest::from_bytes([1; 32]), ..row };
    assert_eq!(other.code(&ring), SHOWN);
}

#[test]
fn r7_5_one_code_has_another_index_in_another_organisation() {
    let (ring, typed) = (vector_ring(), TypedCode::parse(SHOWN).unwrap());
    let (here, there) = (Row::vector().organization, OrganizationId::from_uuid(uuid::Uuid::from_u128(1)));
    assert_ne!(typed.indexes(&ring, here), typed.indexes(&ring, there));
}

#[test]
fn r7_5_a_code_is_looked_up_under_every_key_that_is_not_retired() {
    let ring = three_keys();
    for key_id in [kid(5), kid(7)] {
        let row = Row { key_id, ..Row::vector() };
        let typed = TypedCode::parse(&row.code(&ring)).unwrap();
        let indexes = typed.indexes(&ring, row.organization);
        assert_eq!(indexes.iter().map(|(id, _)| id.get()).collect::<Vec<_>>(), [5, 7]);
        assert_ne!(indexes[0].1, indexes[1].1);
        assert!(indexes.contains(&(key_id, index(&ring, &row.binding()).unwrap())));
        assert!(typed.verify(&ring, &row.binding()));
    }
}

#[test]
fn r7_5_a_key_that_is_retired_or_gone_makes_and_verifies_no_code() {
    let ring = three_keys();
    let zeros = TypedCode::parse("000-0000-0000").unwrap();
    for key_id in [kid(3), kid(200)] {
        let row = Row { key_id, ..Row::vector() };
        assert_eq!(make(&ring, &row.binding()).err(), Some(MintError(key_id)));
        assert_eq!(index(&ring, &row.binding()).err(), Some(MintError(key_id)));
        assert!(!zeros.verify(&ring, &row.binding()));
    }
    let retired = KeyRing::unchecked(vec![(kid(7), KeyState::Retired, vector_key())]);
    let (typed, row) = (TypedCode::parse(SHOWN).unwrap(), Row::vector());
    assert!(!typed.verify(&retired, &row.binding()));
    assert!(typed.indexes(&retired, row.organization).is_empty());
}

#[test]
fn r7_2_the_check_of_a_row_that_does_not_exist_never_holds() {
    let nonce = Nonce::from_bytes([0; 32]);
    let nobody = Row {
        key_id: kid(7),
        invitation: InvitationId::from_uuid(uuid::Uuid::nil()),
        generation: 0,
        organization: OrganizationId::from_uuid(uuid::Uuid::nil()),
        nonce,
        digest: GrantDigest::from_bytes([0; 32]),
    };
    let retired = KeyRing::unchecked(vec![(kid(7), KeyState::Retired, vector_key())]);
    let verify_only = KeyRing::unchecked(vec![(kid(7), KeyState::Verify, vector_key())]);
    // Not even for the code of the very row the dummy stands for.
    let codes = [SHOWN.to_owned(), nobody.code(&vector_ring())];
    for typed in codes.map(|code| TypedCode::parse(&code).unwrap()) {
        for ring in [&vector_ring(), &three_keys(), &retired, &verify_only] {
            assert!(!typed.verify_dummy(ring));
        }
    }
}

#[test]
fn debug_output_shows_no_code() {
    let (ring, row) = (vector_ring(), Row::vector());
    assert_eq!(format!("{:?}", make(&ring, &row.binding()).unwrap()), "CodeText(…)");
    assert_eq!(format!("{:?}", TypedCode::parse(SHOWN).unwrap()), "TypedCode(…)");
}

proptest! {
    #[test]
    fn r7_5_no_text_makes_the_reading_of_codes_fail_otherwise(text in "\\PC{0,70}") {
        let typed = TypedCode::parse(&text);
        let length = text.chars().filter(|c| !is_separator(*c)).count();
        prop_assert!(typed.is_err() || length == 11);
        if typed.as_ref().err() == Some(&CodeError::Mistyped) {
            prop_assert_eq!(length, 11);
        }
    }

    #[test]
    fn r7_5_case_and_separators_never_matter(
        nonce: [u8; 32],
        lower: [bool; 11],
        separators in prop::array::uniform12("[ \u{a0}-]{0,2}"),
    ) {
        let (ring, row) = (vector_ring(), Row { nonce: Nonce::from_bytes(nonce), ..Row::vector() });
        let mut typed = separators[0].clone();
        for ((c, lower), separator) in row.code(&ring).replace('-', "").chars().zip(lower).zip(&separators[1..]) {
            typed.push(if lower { c.to_ascii_lowercase() } else { c });
            typed.push_str(separator);
        }
        prop_assert!(TypedCode::parse(&typed).unwrap().verify(&ring, &row.binding()));
    }
}
