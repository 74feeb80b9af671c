//! Cursors of lists (HTTP-7), queries, and the address of a client behind proxies (HTTP-4).

use super::{
    input::{Input, replaced},
    keys::RING,
};
use invite_domain::{id::OrganizationId, page::Position};
use invite_http::fuzzing::{List, client, query};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use uuid::Uuid;

/// Any text as a cursor; a sealed one and its neighbours; a query; a list of hops.
pub fn cursor(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.byte() % 4 {
        0 => any_text(&input.text()),
        1 => sealed(&mut input),
        2 => any_query(&input.text()),
        _ => hops(&mut input),
    }
}

fn list(name: &str, organization: u128) -> List {
    List::new(name, Some(OrganizationId::from_uuid(Uuid::from_u128(organization))), &[])
}

fn any_text(text: &str) {
    // A fuzzer that sees what is compared with what makes one in the end. It is the one text of its position.
    let mine = list("invitations", 1);
    let Some(position) = mine.open(&RING, text) else { return };
    // Key 3 in base64: six zero bits, then two ones.
    let of_active_key = matches!(text.as_bytes(), [b'A', b'w'..=b'z' | b'0'..=b'9' | b'-' | b'_', ..]);
    assert!(!of_active_key || mine.seal(&RING, &position).as_deref() == Some(text), "another spelling: {text:?}");
    assert_eq!(list("invitations", 2).open(&RING, text), None, "{text:?}");
}

fn sealed(input: &mut Input<'_>) {
    let (at, by, more) = (input.byte(), char::from(input.byte()), char::from(input.byte()));
    let position = Position { id: Uuid::from_bytes(input.array()), key: input.text() };
    let mine = list("invitations", 1);
    let text = mine.seal(&RING, &position).unwrap_or_else(|| panic!("no key is active"));
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
    assert_eq!(mine.open(&RING, &text).as_ref(), Some(&position));
    for other in [list("events", 1), list("invitations", 2), List::new("invitations", None, &[])] {
        assert_eq!(other.open(&RING, &text), None, "{other:?}");
    }
    let filtered = [(input.text(), "x".to_owned())];
    let paging = ["cursor", "limit", "include_total"].contains(&filtered[0].0.as_str());
    let organization = Some(OrganizationId::from_uuid(Uuid::from_u128(1)));
    let opened = List::new("invitations", organization, &filtered).open(&RING, &text);
    assert_eq!(opened.is_some(), paging, "{filtered:?}");
    // No other spelling of the same bytes is read either.
    let changed = replaced(&text, at, by);
    for neighbour in [changed, format!("{text}{more}"), format!("{text}="), text[..text.len() - 1].to_owned()] {
        assert!(neighbour == text || mine.open(&RING, &neighbour).is_none(), "{neighbour} beside {text}");
    }
}

fn any_query(text: &str) {
    const KNOWN: [&str; 3] = ["status", "query", "limit"];
    match query(text, &KNOWN) {
        Err(code) => assert!(["credential_in_url", "invalid_query"].contains(&code), "{code}"),
        Ok(pairs) => {
            for (name, value) in &pairs {
                assert!(KNOWN.contains(&name.as_str()) && !value.contains('\0'), "{text:?}");
                let start = value.trim_start().to_ascii_lowercase();
                assert!(!["inv_", "ina_", "ivk_", "ivs_", "ivr_"].iter().any(|p| start.starts_with(p)), "{text:?}");
            }
        }
    }
}

/// Whoever is believed is trusted: the answer is the peer, or a hop with only trusted ones to its right.
fn hops(input: &mut Input<'_>) {
    let trusted = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap_or_else(|_| panic!("{net}")));
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net: &ipnet::IpNet| net.contains(address));
    let peer: IpAddr = match input.byte() % 4 {
        0 => Ipv4Addr::from(input.array()).into(),
        1 => Ipv6Addr::from(input.array::<16>()).into(),
        2 => Ipv4Addr::new(10, 0, 0, input.byte()).into(),
        _ => Ipv4Addr::new(10, 0, 0, input.byte()).to_ipv6_mapped().into(),
    };
    let (first, second) = (input.text(), input.text());
    let (address, budget) = client(peer, &[&first, &second], &trusted);
    let hops: Vec<&str> = [&first, &second].into_iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    let written = |hop: &&str| hop.parse::<IpAddr>().is_ok_and(|hop| hop.to_canonical() == address);
    if !is_trusted(&peer.to_canonical()) {
        assert_eq!(address, peer.to_canonical(), "a stranger's header was believed");
    } else if address != peer.to_canonical() {
        let at = hops.iter().rposition(written).unwrap_or_else(|| panic!("{address} is nobody's"));
        let right = |hop: &&str| hop.parse::<IpAddr>().is_ok_and(|hop| is_trusted(&hop.to_canonical()));
        assert!(hops[at + 1..].iter().all(right), "{address}: {hops:?}");
    }
    // CODE-2: nothing a client picks within its network changes what it is counted by.
    if let IpAddr::V6(address) = address {
        let neighbour = IpAddr::V6(Ipv6Addr::from(u128::from(address) ^ 1));
        if neighbour.to_canonical() == neighbour {
            assert_eq!(client(neighbour, &[], &[]).1, budget);
        }
    }
}
