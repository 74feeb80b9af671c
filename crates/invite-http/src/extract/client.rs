//! Where a request comes from (HTTP-4).

pub use ipnet::IpNet;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The client's address: the peer, unless that is a trusted proxy; then, from the right of the forwarding list, the first
/// address that is not one.
pub(crate) fn address(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    let mut hops = forwarded.iter().flat_map(|line| line.split(',')).map(str::trim).rev();
    while trusted.iter().any(|net| net.contains(&address)) {
        // A hop that is no address was not written by a proxy of ours: what stands left of it proves nothing.
        let Some(Ok(hop)) = hops.next().map(str::parse::<IpAddr>) else { break };
        address = hop.to_canonical();
    }
    address
}

/// What a limit counts by: an IPv4 address, or the /64 of an IPv6 one, since a client picks the rest freely.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Network {
    V4(Ipv4Addr),
    /// The address with its last 64 bits at zero.
    V6(Ipv6Addr),
}

impl Network {
    /// The network of an address.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(Ipv6Addr::from(u128::from(address) & (u128::MAX << 64))),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => write!(f, "{address}"),
            Self::V6(network) => write!(f, "{network}/64"),
        }
    }
}

/// A network as budgets in the database know it.
pub(crate) fn budget_key(address: IpAddr) -> String {
    Network::of(address).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        budget_key(address(peer.parse().unwrap(), forwarded, &trusted))
    }

    #[test]
    fn http_4_only_a_trusted_peer_is_believed() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.1.1.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("::ffff:10.1.1.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.1.1.1", &[]), "10.1.1.1");
    }

    #[test]
    fn http_4_the_list_is_read_from_the_right_up_to_the_first_hop_that_is_not_ours() {
        assert_eq!(client("10.1.1.1", &["203.0.113.9, 198.51.100.7, 10.2.2.2"]), "198.51.100.7");
        assert_eq!(client("10.1.1.1", &["203.0.113.9", "198.51.100.7 ,10.2.2.2"]), "198.51.100.7");
        assert_eq!(client("10.1.1.1", &["203.0.113.9, unknown, 10.2.2.2"]), "10.2.2.2");
        assert_eq!(client("fd00::1", &["10.3.3.3, 10.2.2.2"]), "10.3.3.3");
    }

    #[test]
    fn code_2_all_of_a_slash_64_is_one_client() {
        assert_eq!(client("2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::/64");
        assert_eq!(client("2001:db8:1:2:ffff::1", &[]), "2001:db8:1:2::/64");
        assert_ne!(client("2001:db8:1:3::1", &[]), client("2001:db8:1:2::1", &[]));
    }
}
