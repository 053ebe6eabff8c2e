"""Will the world trust letters from our domain? What SPF, DKIM and DMARC say (RFC 7208, 6376, 7489), in plain words."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.mail.name_server import Ask, NoAnswer
from paygate.mail.server import MailServer


class Verdict(StrEnum):
    """How it stands with one of the three."""

    GOOD = "GOOD"
    WEAK = "WEAK"  # it is there, and protects little
    WRONG = "WRONG"
    UNKNOWN = "UNKNOWN"  # nobody answered


@dataclass(frozen=True, slots=True)
class Finding:
    """One of the three: what was found, what that means, and what would be right."""

    name: str  # "SPF", "DKIM" or "DMARC"
    where: str  # the name in the DNS at which the record stands
    found: tuple[str, ...]
    verdict: Verdict
    words: str | Promise
    advice: str = ""  # the record to add, where one is missing or wrong


def examine(domain: str, ask: Ask) -> list[Finding]:
    """The three of them, for letters whose sender is `anything@domain`."""
    selector = settings.PAYGATE_DKIM_SELECTOR
    return [
        _answered(_spf, "SPF", domain, domain, ask),
        _answered(_dkim, "DKIM", f"{selector}._domainkey.{domain}", domain, ask),
        _answered(_dmarc, "DMARC", f"_dmarc.{domain}", domain, ask),
    ]


def stays_here(domain: str) -> bool:
    """Is it a name that no DNS knows, such as the demo's?"""
    return domain.rpartition(".")[2] in {"localhost", "test", "example", "invalid", "local"}


_Look = Callable[[str, str, Ask], Finding]


def _answered(look: _Look, name: str, where: str, domain: str, ask: Ask) -> Finding:
    try:
        return look(where, domain, ask)
    except NoAnswer:
        words = _("The name server did not answer in time. Try again in a while.")
        return Finding(name, where, (), Verdict.UNKNOWN, words)


def _spf(where: str, domain: str, ask: Ask) -> Finding:
    records = tuple(text for text in ask(where) if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE))
    host = MailServer.of(settings.EMAIL_URL).host if settings.EMAIL_URL else ""
    advice = f"v=spf1 {f'a:{host}' if host else 'mx'} -all"

    def finding(verdict: Verdict, words: str | Promise, advice: str = "") -> Finding:
        return Finding("SPF", where, records, verdict, words, advice)

    if not records:
        return finding(
            Verdict.WRONG, _("Missing: nothing says which servers may send letters of this domain."), advice
        )
    if len(records) > 1:
        words = _("There are several SPF records, and receivers then trust none. Join them into one.")
        return finding(Verdict.WRONG, words)
    terms = records[0].lower().split()[1:]
    if "-all" in terms or "~all" in terms or any(term.startswith("redirect=") for term in terms):
        words = _(
            "The record names the servers that may send. Make sure that your mail server is among them."
        )
        return finding(Verdict.GOOD, words)
    words = _("The record lets any server send in your name. It should end with -all or ~all.")
    return finding(Verdict.WEAK, words, advice)


def _dkim(where: str, domain: str, ask: Ask) -> Finding:
    records = tuple(text for text in ask(where) if "p" in _tags(text))
    advice = "v=DKIM1; k=rsa; p=…"

    def finding(verdict: Verdict, words: str | Promise, advice: str = "") -> Finding:
        return Finding("DKIM", where, records, verdict, words, advice)

    if not records:
        words = _(
            "Missing: receivers cannot check the signature of your letters. Your mail server signs them and shows the "
            "public key (p=) to enter here."
        )
        return finding(Verdict.WRONG, words, advice)
    if len(records) > 1:
        return finding(Verdict.WRONG, _("There are several keys under this name. Leave one."))
    tags = _tags(records[0])
    if not tags["p"]:
        return finding(Verdict.WRONG, _("This key was withdrawn: its record is empty."), advice)
    bits = _bits(tags["p"]) if tags.get("k", "rsa") == "rsa" else 2048
    if not bits:
        return finding(Verdict.WRONG, _("The key in this record is damaged."), advice)
    if bits < 2048:
        return finding(Verdict.WEAK, _("The key is there, but short. Use one of 2048 bits."), advice)
    return finding(
        Verdict.GOOD, _("The key is there. Make sure that your mail server signs with it, under this name.")
    )


def _dmarc(where: str, domain: str, ask: Ask) -> Finding:
    """The record of the domain, else of the nearest domain above it."""
    advice = f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"
    labels = domain.split(".")
    records: tuple[str, ...] = ()
    above = 0
    for above in range(max(len(labels) - 1, 1)):
        where_above = "_dmarc." + ".".join(labels[above:])
        records = tuple(text for text in ask(where_above) if re.match(r"v=DMARC1\s*(;|$)", text))
        if records:
            where = where_above
            break

    def finding(verdict: Verdict, words: str | Promise, advice: str = "") -> Finding:
        return Finding("DMARC", where, records, verdict, words, advice)

    if not records:
        words = _(
            "Missing: nothing tells receivers what to do with letters that only pretend to come from you."
        )
        return finding(Verdict.WRONG, words, advice)
    if len(records) > 1:
        words = _("There are several DMARC records, and receivers then follow none. Leave one.")
        return finding(Verdict.WRONG, words)
    tags = _tags(records[0])
    policy = (tags.get("sp") if above else None) or tags.get("p", "")
    if policy.lower() in ("quarantine", "reject"):
        return finding(
            Verdict.GOOD, _("Receivers put aside or refuse letters that only pretend to come from you.")
        )
    words = _("Receivers are told to let false letters pass. Use p=quarantine or p=reject once all is well.")
    return finding(Verdict.WEAK, words, advice)


def _tags(text: str) -> dict[str, str]:
    """`tag=value; tag=value`, without spaces."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {tag.strip(): "".join(value.split()) for tag, equals, value in pairs if equals}


_NO_KEY: Final = (ValueError, binascii.Error, UnsupportedAlgorithm)


def _bits(spelled: str) -> int:
    """The length of an RSA key; 0 where it is none."""
    try:
        key = load_der_public_key(base64.b64decode(spelled, validate=True))
    except _NO_KEY:
        return 0
    return key.key_size if isinstance(key, RSAPublicKey) else 0
