use super::*;
use crate::secret::test_support::{Counting, hex, vector_key, vector_ring};
use proptest::prelude::*;

const A: &str = "8f3a1c5e7b9d024613579bdf02468acefdb97531eca864200f1e2d3c4b5a6978";
const B: &str = "00112233445566778899aabbccddeefffedcba98765432100123456789abcdef";

fn id(number: u8) -> KeyId {
    KeyId::new(number).unwrap()
}

fn refusal(text: &str) -> KeyRingError {
    KeyRing::parse(text).expect_err(text)
}

#[test]
fn r7_7_the_derived_keys_are_those_of_the_test_vector() {
    let ring = vector_ring();
    let key = |purpose| hex(ring.derive(id(7), purpose).unwrap().expose());
    assert_eq!(key(Purpose::Token), "babb5c73113ea594315b4de9ea32ca567090e11331bec47da9594e239733f446");
    assert_eq!(key(Purpose::Gate), "333db70ac5d069318a852506f7a34aa583aa28f69d5b30d6be343099462fbcf0");
}

#[test]
fn r7_1_every_purpose_has_a_key_of_its_own() {
    let ring = vector_ring();
    let keys: std::collections::BTreeSet<_> =
        Purpose::ALL.into_iter().map(|purpose| *ring.derive(id(7), purpose).unwrap().expose()).collect();
    assert_eq!(keys.len(), Purpose::ALL.len());
}

#[test]
fn a_mac_is_over_the_concatenated_parts_and_under_its_purpose() {
    let ring = vector_ring();
    let whole = ring.mac(id(7), Purpose::Code, &[b"abcdef"]).unwrap();
    assert_eq!(ring.mac(id(7), Purpose::Code, &[b"ab", b"", b"cdef"]), Some(whole));
    assert_ne!(ring.mac(id(7), Purpose::Code, &[b"abcdeg"]), Some(whole));
    assert_ne!(ring.mac(id(7), Purpose::CodeIndex, &[b"abcdef"]), Some(whole));
}

#[test]
fn r7_8_reads_lines_semicolons_comments_and_blank_lines() {
    let file = format!("# the ring\r\n\n 3  active {A} # since spring\n\t5 verify {}\n", B.to_uppercase());
    let environment = format!("3 active {A};5 verify {B};");
    for text in [file, environment] {
        let ring = KeyRing::parse(&text).unwrap();
        assert_eq!(ring.ids().collect::<Vec<_>>(), [(id(3), KeyState::Active), (id(5), KeyState::Verify)]);
        assert_eq!(ring.active(), Some(id(3)));
        assert_eq!(ring.to_text().expose(), format!("3 active {A}\n5 verify {B}\n"));
    }
}

#[test]
fn r7_8_a_ring_without_an_active_key_only_verifies() {
    let ring = KeyRing::parse(&format!("255 verify {A}")).unwrap();
    assert_eq!(ring.active(), None);
    assert!(ring.derive(id(255), Purpose::Token).is_some());
}

#[test]
fn r7_8_every_malformed_ring_is_refused_with_its_own_reason() {
    use KeyRingError as E;
    let zeros = "00".repeat(32);
    let table = [
        (String::new(), E::Empty),
        ("# nothing;\n".into(), E::Empty),
        (format!("1 active {A}\n2 verify"), E::Shape { line: 2 }),
        (format!("1 active {A} {B}"), E::Shape { line: 1 }),
        (format!("1 active;{A}"), E::Shape { line: 1 }),
        (format!("0 active {A}"), E::Id { line: 1 }),
        (format!("256 active {A}"), E::Id { line: 1 }),
        (format!("-1 active {A}"), E::Id { line: 1 }),
        (format!("1 Active {A}"), E::State { line: 1 }),
        (format!("#;1 active {}", &A[..62]), E::Length { line: 2 }),
        (format!("1 active {A}00"), E::Length { line: 1 }),
        (format!("1 active {}zz", &A[..62]), E::NotHex { line: 1 }),
        (format!("1 active {A}\n1 verify {B}"), E::DuplicateId(id(1))),
        (format!("2 active {A}\n1 active {B}"), E::TwoActive(id(1), id(2))),
        (format!("1 active {zeros}"), E::EqualBytes(id(1))),
        (format!("1 active {A}\n9 retired {}", "a5".repeat(32)), E::EqualBytes(id(9))),
        (format!("7 active {}", hex(&vector_key())), E::PublishedKey(id(7))),
        (format!("1 active {A}\n2 retired {}", A.to_uppercase()), E::SameKey(id(1), id(2))),
    ];
    for (text, expected) in table {
        assert_eq!(refusal(&text), expected, "{text}");
    }
}

#[test]
fn no_refusal_repeats_the_key() {
    for text in [format!("1 active {A} x"), format!("1 {A} active"), format!("{A} 1 active"), format!("1 active {A}0")]
    {
        let refusal = refusal(&text);
        assert!(!format!("{refusal} {refusal:?}").contains(&A[..8]), "{refusal}");
    }
}

#[test]
fn r7_8_keys_given_as_bytes_meet_the_same_conditions() {
    let active = |key| KeyRing::from_keys(vec![(id(1), KeyState::Active, key)]).map(|ring| ring.active());
    assert_eq!(active([7; 32]), Err(KeyRingError::EqualBytes(id(1))));
    assert_eq!(active(vector_key()), Err(KeyRingError::PublishedKey(id(1))));
    assert_eq!(KeyRing::from_keys(Vec::new()).err(), Some(KeyRingError::Empty));
    let mut key = vector_key();
    key[31] = 0;
    assert_eq!(active(key), Ok(Some(id(1))));
}

#[test]
fn a_generated_ring_can_be_written_and_read() {
    let entropy = Counting::default();
    let ring = KeyRing::generate(&entropy);
    assert_eq!(ring.ids().collect::<Vec<_>>(), [(id(1), KeyState::Active)]);
    let again = KeyRing::parse(ring.to_text().expose()).unwrap();
    assert_eq!(again.to_text().expose(), ring.to_text().expose());
    assert_ne!(KeyRing::generate(&entropy).to_text().expose(), ring.to_text().expose());
}

#[test]
fn r7_8_a_key_lives_from_verify_over_active_to_retired() {
    let entropy = Counting::default();
    let first = KeyRing::generate(&entropy);
    let (both, new) = first.rotate(&entropy).unwrap();
    assert_eq!((new, both.active()), (id(2), Some(id(1))));
    assert_eq!(both.retire(id(1)).err(), Some(KeyRingError::RetireActive(id(1))));

    let turned = both.activate(new).unwrap();
    assert_eq!(turned.ids().collect::<Vec<_>>(), [(id(1), KeyState::Verify), (id(2), KeyState::Active)]);
    assert_eq!(
        turned.derive(id(1), Purpose::Token).map(|key| *key.expose()),
        first.derive(id(1), Purpose::Token).map(|key| *key.expose()),
    );

    let last = turned.retire(id(1)).unwrap();
    assert_eq!(last.ids().collect::<Vec<_>>(), [(id(1), KeyState::Retired), (id(2), KeyState::Active)]);
    assert!(last.derive(id(1), Purpose::Token).is_none());
    assert_eq!(last.mac(id(1), Purpose::Token, &[b"x"]), None);
    assert_eq!(last.activate(id(1)).err(), Some(KeyRingError::ActivateRetired(id(1))));
    assert_eq!(last.retire(id(1)).unwrap().to_text().expose(), last.to_text().expose());
    assert_eq!(last.activate(id(9)).err(), Some(KeyRingError::Unknown(id(9))));
    assert_eq!(last.retire(id(9)).err(), Some(KeyRingError::Unknown(id(9))));
}

#[test]
fn rotation_takes_the_id_above_and_then_the_lowest_free_one_until_all_are_taken() {
    let entropy = Counting::default();
    let mut ring = KeyRing::parse(&format!("1 active {A}; 254 verify {B}")).unwrap();
    let mut given = Vec::new();
    while let Ok((next, new)) = ring.rotate(&entropy) {
        given.push(new.get());
        ring = next;
    }
    assert_eq!(given[..3], [255, 2, 3]);
    assert_eq!(given.len(), 253);
    assert_eq!(ring.rotate(&entropy).err(), Some(KeyRingError::Full));
}

#[test]
fn rotation_refuses_entropy_that_gives_the_same_key_again() {
    let ring = KeyRing::generate(&Counting::default());
    assert_eq!(ring.rotate(&Counting::default()).err(), Some(KeyRingError::SameKey(id(1), id(2))));
}

#[test]
fn nothing_prints_a_key() {
    let ring = KeyRing::parse(&format!("3 active {A}")).unwrap();
    assert_eq!(format!("{ring:?}"), "KeyRing{KeyId(3): Active}");
    assert_eq!(format!("{:?}", ring.to_text()), "KeyRingText(…)");
    assert_eq!(format!("{:?}", ring.derive(id(3), Purpose::Token)), "Some(DerivedKey(…))");
}

proptest! {
    #[test]
    fn reading_any_text_never_panics(text in "[ -~\n;#é]{0,200}") {
        prop_assert!(KeyRing::parse(&text).is_err());
    }

    #[test]
    fn every_ring_comes_back_from_its_text(keys in proptest::collection::btree_map(1_u8..=255, any::<[u8; 32]>(), 1..6)) {
        let keys: Vec<_> = keys.into_iter().map(|(number, key)| (id(number), KeyState::Verify, key)).collect();
        let ring = KeyRing::from_keys(keys.clone()).unwrap();
        let again = KeyRing::parse(ring.to_text().expose()).unwrap();
        for (id, _, _) in keys {
            let mac = ring.mac(id, Purpose::Csrf, &[b"x"]);
            prop_assert!(mac.is_some());
            prop_assert_eq!(again.mac(id, Purpose::Csrf, &[b"x"]), mac);
        }
    }
}

#[test]
fn a_state_is_printed_as_the_word_in_the_ring() {
    let states = [KeyState::Active, KeyState::Verify, KeyState::Retired];
    assert_eq!(states.map(|state| state.to_string()), ["active", "verify", "retired"]);
}
