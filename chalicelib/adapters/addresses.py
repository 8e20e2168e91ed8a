"""Where a request of ours may go: over HTTPS to an allowed host, in no other notation, and to a public address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urljoin

from chalicelib.errors import ForbiddenAddress

# Readers of URLs differ in what they make of backslashes, blanks, control characters and anything outside of ASCII.
# ASCII also for the letters: to Unicode, the Kelvin sign is a k in upper case.
_URL = re.compile(r"https://([^/?#]*)([!\"$-\[\]-~]*)(?:#[!-~]*)?", re.ASCII | re.IGNORECASE)
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"((?:{_LABEL}\.)+(?![0-9]){_LABEL})(?::443)?", re.ASCII | re.IGNORECASE)
"""Two labels or more, the last of them no number: numbers are an address, in whatever base, and `localhost` is one."""

_NAT64, _UNICAST = IPv6Network("64:ff9b::/96"), IPv6Network("2000::/3")
_NEVER = tuple(
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by a carrier's customers, and by AWS for itself
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # protocol assignments: Teredo (which carries two other addresses), benchmarks, ORCHIDs
        "2002::/16",  # 6to4, which carries another address
        "3fff::/20",  # documentation; Python 3.11 does not know it yet
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A URL that was checked: its host in lower case, and what is asked of it."""

    host: str
    target: str = field(repr=False)

    def joined(self, location: str) -> str:
        """Where a redirect leads, unchecked. Raises ForbiddenAddress where that is no URL at all."""
        try:
            return urljoin(f"https://{self.host}{self.target}", location)
        except ValueError:
            raise ForbiddenAddress("a redirect leads to no address at all") from None


def allowed(url: str, hosts: tuple[str, ...]) -> Wanted:
    """What `url` asks of one of `hosts`: whole names, or endings that begin with a dot. Raises ForbiddenAddress."""
    parts = _URL.fullmatch(url)
    if parts is None:
        raise ForbiddenAddress("only plain addresses that begin with https:// are asked")
    named = _HOST.fullmatch(parts[1])
    if named is None:
        raise ForbiddenAddress("only a host's whole name is asked, on port 443: no number, no user, no other port")
    host, target = named[1].lower(), parts[2]
    if not any(host.endswith(name) if name.startswith(".") else host == name for name in hosts):
        raise ForbiddenAddress("the host is none of this provider's")
    return Wanted(host, target if target.startswith("/") else f"/{target}")


def host_of(url: str) -> str:
    """The host of an address of our own making, unchecked: `allowed` checks it."""
    found = _URL.fullmatch(url)
    return found[1].lower().removesuffix(":443") if found else ""


def is_public(address: str) -> bool:
    """Whether anybody's computer may have this address, rather than one of a private, local or special network."""
    try:
        ip = _carried(ip_address(address))
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip not in _UNICAST:
        return False
    special = ip.is_multicast or ip.is_reserved or any(ip in network for network in _NEVER)
    return ip.is_global and not special


def _carried(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that is connected to in the end, where an IPv6 one only carries it."""
    if isinstance(ip, IPv4Address):
        return ip
    return IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else ip.ipv4_mapped or ip
