"""A merchant's own addresses: result pages and the notification address, each with a place for the token.

Such an address stands in the settings and is never taken from a query (safety.md SS-8). The place is optional, and may
be in path, query and fragment (SPG-SET-14 to 18).
"""

import re
import unicodedata
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

import idna
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLACEHOLDER: Final = "{{{PAYMENTPAGETOKEN}}}"
LONGEST: Final = 1000  # characters

_PLACE: Final = re.compile(
    r"(?:\{|%7B){3}PAYMENTPAGETOKEN(?:\}|%7D){3}", re.IGNORECASE
)  # also as browsers copy it
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def filled(address: str, token: str) -> str:
    """The address with the token in its place, in ASCII as a browser or a server is sent to it (SPG-SET-15).

    Everything in the token but letters, digits and `-._~` is percent-encoded: so it stays one segment of the path, one
    value of the query, and within the fragment. The address is one without a problem (`problem_of`).
    """
    parts = urlsplit(address)
    ascii_host = parts._replace(netloc=_netloc(parts))
    return iri_to_uri(_PLACE.sub(quote(token, safe=""), urlunsplit(ascii_host)))


def problem_of(address: str) -> Promise | None:
    """What is wrong with an address that a person typed; None where it can be used (SS-8)."""
    if len(address) > LONGEST:
        return _("An address has at most 1000 characters.")
    if "\\" in address or any(unicodedata.category(sign) in _UNSEEN for sign in address):
        return _("Enter the address without spaces and backslashes.")
    try:
        parts = urlsplit(address)
        host = _netloc(parts)
    except ValueError:  # brackets, a port or a host name that cannot be
        return _COMPLETE
    if parts.scheme not in ("http", "https"):
        return _("Enter a complete address that begins with https:// or http://.")
    if "@" in parts.netloc:
        return _("Enter the address without user name and password.")
    if _PLACE.search(host) or "{" in parts.netloc:
        return _("The placeholder can stand in the path, the query or the fragment, not in the host name.")
    if not _is_host(_ascii(parts.hostname or "")):
        return _COMPLETE
    if re.search(r"\{\{|\}\}", _PLACE.sub("", address)):
        return _("Only the placeholder {{{PAYMENTPAGETOKEN}}} is filled in. Check its spelling.")
    return None


_COMPLETE: Final = _("This is not a complete address, such as https://www.example.com/paid.")


def _netloc(parts: SplitResult) -> str:
    """Host and port, the host in ASCII. Raises `ValueError` where either cannot be."""
    host, port = _ascii(parts.hostname or ""), parts.port
    bracketed = f"[{host}]" if ":" in host else host
    return f"{bracketed}:{port}" if port is not None else bracketed


def _ascii(host: str) -> str:
    return host if host.isascii() else idna.encode(host, uts46=True).decode()


def _is_host(host: str) -> bool:
    """A name of labels, or an address in figures; whether a server may be asked there is another question (SS-4)."""
    if ":" in host:  # an IPv6 address, which `urlsplit` has looked at
        return True
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split("."))
