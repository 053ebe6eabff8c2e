"""Which addresses we may call that a user has influenced (safety.md SS-2, SS-4, SS-5): rules, and no network.

`Destination.of` takes an address apart and refuses every spelling that could mean two things. `is_public` says of an
internet address whether it is plainly somewhere else than here. Python's `is_global` is not asked: by its version it
takes NAT64, 6to4, multicast and others for global.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

import idna
from django.utils.encoding import iri_to_uri

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST: Final = 2000  # characters of a whole address
PORTS: Final = {"https": 443, "http": 80}

_VISIBLE: Final = re.compile(r"[!-\[\]-~]+")  # printable ASCII without space and backslash
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_NUMBER: Final = re.compile(
    r"\d+|0x[0-9a-f]*"
)  # what some resolvers take for a part of an address in figures

_NOT_PUBLIC_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_UNICAST_6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)  # protocols' own, documentation, 6to4

_COMPATIBLE: Final = IPv6Network("::/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_LOW: Final = 2**32 - 1


class Refused(Exception):
    """An address is not called. The argument says why, in one word of ours.

    `spelling`, `length`, `scheme`, `port`, `user`, `host`, `private` (not plainly public) or `own` (one of ours).
    """


@dataclass(frozen=True, slots=True)
class Destination:
    """An address, taken apart and spelled in one way."""

    scheme: str
    host: str  # a name in ASCII without a dot at its end, or an internet address in its shortest form
    port: int
    target: str  # path and query, in ASCII

    @classmethod
    def of(cls, url: str) -> Self:
        """Take an address apart. Raises `Refused`."""
        if len(url) >= LONGEST:
            raise Refused("length")
        try:
            parts = urlsplit(_checked(url))
            port = parts.port
        except ValueError as error:
            raise Refused("spelling") from error
        if parts.scheme not in PORTS:
            raise Refused("scheme")
        if "@" in parts.netloc:
            raise Refused("user")
        if port == 0 or parts.netloc.endswith(":"):
            raise Refused("port")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, _host(parts), port or PORTS[parts.scheme], iri_to_uri(target))

    @property
    def address(self) -> Address | None:
        """Where the host is an internet address itself."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def origin(self) -> str:
        """Scheme, host and port, as the Host header and people's eyes want them; no token stands in it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def is_public(address: Address) -> bool:
    """Is this plainly a public unicast address, and every address that is wrapped in it too?"""
    return all(_is_plainly_public(one) for one in unwrapped(address))


def unwrapped(address: Address) -> tuple[Address, ...]:
    """The addresses that stand behind this one: itself, or the IPv4 addresses that an IPv6 one carries."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.teredo is not None:
        return address.teredo  # the server that it goes by, and the client behind it
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and (address in _NAT64 or (address in _COMPATIBLE and int(address) > 1)):
        inner = IPv4Address(int(address) & _LOW)
    return (inner,) if inner is not None else (IPv6Address(int(address)),)  # without a zone


def networks(spelled: str) -> tuple[Network, ...]:
    """A list of networks, with commas or spaces between them. Raises `ValueError`."""
    return tuple(ip_network(one) for one in re.split(r"[\s,]+", spelled) if one)


def _is_plainly_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _checked(url: str) -> str:
    """`urlsplit` drops tabs and line ends, and browsers take a backslash for a slash: so neither comes in."""
    visible = "".join(sign for sign in url if sign.isascii())
    if not _VISIBLE.fullmatch(visible) or any(not sign.isprintable() or sign.isspace() for sign in url):
        raise ValueError("signs that do not belong into an address")
    return url


def _host(parts: SplitResult) -> str:
    """The host in its one spelling. Raises `Refused`."""
    bracketed = parts.netloc.startswith("[")
    spelled = parts.hostname or ""
    if bracketed:
        return _in_brackets(spelled)
    try:
        host = idna.encode(spelled, uts46=True).decode() if not spelled.isascii() else spelled
    except (idna.IDNAError, UnicodeError) as error:
        raise Refused("host") from error
    host = host.removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))  # four decimal numbers without leading zeros, and nothing else
        except ValueError as error:
            raise Refused("host") from error
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("host")
    return host


def _in_brackets(spelled: str) -> str:
    try:
        address = IPv6Address(spelled)
    except ValueError as error:
        raise Refused("host") from error
    if address.scope_id is not None:
        raise Refused("host")
    return str(address)
