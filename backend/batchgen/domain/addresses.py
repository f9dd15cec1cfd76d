"""Whose an address is, as far as it can be told."""

import ipaddress


def network(address: str) -> str:
    """What one caller commands: an IPv4 address, or the /64 that every IPv6 customer gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
