//! Short codes (rule 7.5; CODE-1).

use super::{
    input::Input,
    keys::{RING, key_id, nonce},
};
use invite_domain::{
    id::{InvitationId, OrganizationId},
    secret::{CodeError, GrantDigest, TokenBinding, TypedCode, code::make},
};
use uuid::Uuid;

const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Any text, held against a second reader; a made code, its spellings and its typing errors.
pub fn code(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    if input.byte().is_multiple_of(2) { any_text(&input.text()) } else { made(&mut input) }
}

fn place(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.chars().position(|known| known == c).and_then(|place| u8::try_from(place).ok())
}

/// Multiplication in GF(32) modulo x⁵ + x² + 1.
fn times(a: u8, b: u8) -> u8 {
    let mut product = (0..5).filter(|bit| b >> bit & 1 == 1).fold(0_u16, |sum, bit| sum ^ (u16::from(a) << bit));
    for bit in (5..=8).rev() {
        if product >> bit & 1 == 1 {
            product ^= 0b10_0101 << (bit - 5);
        }
    }
    (product & 31) as u8
}

/// Σ αⁱ·dᵢ.
fn check(values: &[u8]) -> u8 {
    let mut weight = 1;
    values.iter().fold(0, |sum, value| {
        weight = times(weight, 2);
        sum ^ times(weight, *value)
    })
}

fn any_text(text: &str) {
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let values: Option<Vec<u8>> = text.chars().filter(|c| !separator(*c)).map(place).collect();
    let values = values.filter(|values| values.len() == 11 && text.len() <= 64);
    let expected = match &values {
        None => Some(CodeError::Malformed),
        Some(values) if check(&values[..10]) == values[10] => None,
        Some(_) => Some(CodeError::Mistyped),
    };
    let parsed = TypedCode::parse(text);
    assert_eq!(parsed.as_ref().err().copied(), expected, "{text:?}");
    let (Ok(parsed), Some(values)) = (parsed, values) else { return };
    // However it was typed, it is looked up as its canonical spelling is.
    let canonical: String = values.iter().filter_map(|value| ALPHABET.chars().nth(usize::from(*value))).collect();
    let canonical = TypedCode::parse(&canonical).unwrap_or_else(|error| panic!("{error}: {canonical}"));
    let organization = OrganizationId::from_uuid(Uuid::from_u128(1));
    assert_eq!(parsed.indexes(&RING, organization), canonical.indexes(&RING, organization));
}

fn made(input: &mut Input<'_>) {
    let nonce = nonce(input.byte());
    let grant_digest = GrantDigest::from_bytes([0; 32]);
    let binding = TokenBinding {
        key_id: key_id(input.pick(&[3, 7])),
        invitation: InvitationId::from_uuid(Uuid::from_bytes(input.array())),
        generation: u16::from_be_bytes(input.array()),
        organization: OrganizationId::from_uuid(Uuid::from_bytes(input.array())),
        nonce: &nonce,
        grant_digest: &grant_digest,
    };
    let text = make(&RING, &binding).unwrap_or_else(|error| panic!("{error}"));
    let text = text.expose();
    let groups: Vec<&str> = text.split('-').collect();
    assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 3], "{text}");
    assert!(groups.concat().chars().all(|c| ALPHABET.contains(c)), "{text}");
    let typed = TypedCode::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(typed.verify(&RING, &binding) && !typed.verify_dummy(&RING));
    assert!(!typed.verify(&RING, &TokenBinding { key_id: key_id(9), ..binding }));
    let index = invite_domain::secret::code::index(&RING, &binding).unwrap_or_else(|error| panic!("{error}"));
    let indexes = typed.indexes(&RING, binding.organization);
    assert_eq!(indexes.iter().filter(|(key, found)| *key == binding.key_id && *found == index).count(), 1);
    assert_eq!(indexes.iter().map(|(key, _)| key.get()).collect::<Vec<_>>(), [3, 7]);

    // Written differently it is the same; one wrong character or two exchanged are typing errors.
    let characters: Vec<char> = groups.concat().chars().collect();
    let loose: String =
        characters.iter().flat_map(|c| [c.to_ascii_lowercase(), input.pick(&[' ', '-', '\u{2013}'])]).collect();
    assert!(TypedCode::parse(&loose).is_ok_and(|typed| typed.verify(&RING, &binding)), "{loose}");
    let (at, with) = (usize::from(input.byte()) % 11, usize::from(input.byte()) % 11);
    let mut wrong = characters.clone();
    wrong[at] = input.pick(&ALPHABET.chars().collect::<Vec<_>>());
    let mut exchanged = characters.clone();
    exchanged.swap(at, with);
    for other in [wrong, exchanged] {
        let expected = (other != characters).then_some(CodeError::Mistyped);
        let other = String::from_iter(other);
        assert_eq!(TypedCode::parse(&other).err(), expected, "{other} beside {text}");
    }
}
