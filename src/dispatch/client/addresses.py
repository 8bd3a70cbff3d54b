"""Which addresses are the open internet's."""

from ipaddress import IPv4Address, IPv6Address, ip_network

NAT64 = ip_network("64:ff9b::/96")
# What is not the open internet's either, though `ipaddress` calls some of it global: site-local addresses (RFC 3879),
# documentation (RFC 9637), segment identifiers (RFC 9602), a network's own NAT64 (RFC 8215).
WITHIN = tuple(map(ip_network, ("fec0::/10", "3fff::/20", "5f00::/16", "64:ff9b:1::/48")))

Address = IPv4Address | IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet's: not private, local, reserved or multicast."""
    within = stands_for(address)
    if any(within in network for network in WITHIN):
        return False
    return within.is_global and not (within.is_multicast or within.is_reserved or within.is_unspecified)


def stands_for(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, Teredo, NAT64), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
