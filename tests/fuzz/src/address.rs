//! E-mail addresses (rule 3.4; MAIL-1) and phone numbers.

use invite_domain::{
    email::{EmailAddress, normalize_domain},
    phone::PhoneNumber,
};

/// Any text as an e-mail address, and as a domain.
pub fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(domain) = normalize_domain(&text) {
        assert_eq!(normalize_domain(&domain).as_deref(), Ok(&*domain), "{text:?}");
        is_domain(&domain);
    }
    let Ok(address) = EmailAddress::parse(&text) else { return };
    let key = address.key();
    assert_eq!(address.as_str(), text);
    assert_eq!(key.split('@').count(), 2, "{text:?}");
    assert!(key.len() <= 254 && address.local().len() <= 64, "{text:?}");
    let bad = |c: char| c.is_control() || c.is_whitespace() || "<>,;:\"()[]\\".contains(c);
    assert!(!text.contains(bad) && !key.contains(bad), "{text:?}");
    is_domain(address.domain());
    assert_eq!(key, format!("{}@{}", address.local().to_ascii_lowercase(), address.domain()));

    // The key is an address, its own key, and what a store gives back is believed; another key is not.
    let again = EmailAddress::parse(key).unwrap_or_else(|error| panic!("{error}: {key:?} of {text:?}"));
    assert!(again.key() == key && again == address, "{text:?}");
    assert!(EmailAddress::from_parts(&text, key).is_ok_and(|read| read == address));
    assert!(EmailAddress::from_parts(&text, &format!("x{key}")).is_err());
    // Case of ASCII letters makes nobody another person.
    let shouted = text.to_ascii_uppercase();
    assert!(EmailAddress::parse(&shouted).is_ok_and(|other| other == address), "{shouted:?} of {text:?}");

    match address.ascii_address() {
        None => assert!(address.needs_smtputf8() && !address.local().is_ascii()),
        Some(ascii) => {
            assert!(ascii.is_ascii() && !address.needs_smtputf8(), "{ascii}");
            assert!(EmailAddress::parse(&ascii).is_ok_and(|sent| sent == address), "{ascii} of {text:?}");
        }
    }
    // One character of the local part is shown, whatever it is.
    let masked = address.masked();
    let (shown, _) = masked.split_once("•••@").unwrap_or_else(|| panic!("{masked}"));
    assert_eq!(shown.chars().count(), 1, "{masked}");
    assert!(!masked.contains(bad), "{masked:?}");
}

fn is_domain(domain: &str) {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    assert!(domain.split('.').count() > 1 && domain.split('.').all(label) && domain.len() <= 253, "{domain:?}");
}

/// Any text as a phone number.
pub fn phone(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(number) = PhoneNumber::parse(&text) else { return };
    let canonical = number.as_str();
    let (plus, digits) = canonical.split_at(1);
    assert!(plus == "+" && (8..=15).contains(&digits.len()) && !digits.starts_with('0'), "{canonical}");
    assert!(digits.bytes().all(|b| b.is_ascii_digit()), "{canonical}");
    let typed: String = text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(typed, digits, "no digit is lost or added: {text:?}");
    assert_eq!(PhoneNumber::parse(canonical).as_ref(), Ok(&number));
    let spaced: String = canonical.chars().flat_map(|c| [c, ' ']).collect();
    assert_eq!(PhoneNumber::parse(&spaced).as_ref(), Ok(&number), "{spaced}");
    let masked = number.masked();
    assert_eq!(masked.chars().count(), canonical.len(), "{masked}");
    assert!(masked.chars().filter(|c| *c == '•').count() >= 3, "{masked}");
    assert!(masked.chars().zip(canonical.chars()).all(|(shown, is)| shown == '•' || shown == is), "{masked}");
}
