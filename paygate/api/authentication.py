"""From request headers to an `Actor` (behaviour.md A-3 to A-9, safety.md CT-5)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest

from paygate.api.error_names import RETRY_LATER, WireError
from paygate.credentials import keep
from paygate.credentials.certificates import WrongCertificate, fingerprint
from paygate.credentials.models import Credential
from paygate.limits.count import client_address, hit, is_too_many
from paygate.merchants.licence import Feature, features_of
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound
from paygate.tenants.context import within
from paygate.tenants.models import Merchant

CALLS_A_SECOND: Final = 100  # of a credential
WRITES_A_SECOND: Final = 25  # of a credential, for each call that writes
_WRONG_TRIES: Final = 30  # from one address, in a quarter of an hour
_SECOND: Final = timedelta(seconds=1)
_QUARTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with its credential, and what it reaches."""

    credential: Credential
    merchant: Merchant
    actor: Actor

    def terminal(self, number: str) -> Terminal:
        """Its terminal. Raises `PERMISSION_DENIED`, the same for foreign and unknown ones (behaviour.md B-7)."""
        try:
            found = self.actor.terminal(number)
        except NotFound as error:
            raise WireError("PERMISSION_DENIED", "Invalid terminal") from error
        found.merchant = self.merchant
        return found


class TooManyCalls(WireError):
    """More than a program may ask in a second; told with `Retry-After`."""

    def __init__(self) -> None:
        super().__init__("PERMISSION_DENIED", "Too many requests", behavior=RETRY_LATER, status=429)


def caller_of(request: HttpRequest, customer_id: str, *, now: datetime) -> Caller:
    """Who asks, for this customer. Raises `AUTHENTICATION_FAILED`, one answer for all, or `TooManyCalls`."""
    address = client_address(request)
    credential = _credential_of(request, address, now=now)
    if credential is None or (customer_id and credential.merchant.customer_id != customer_id):
        if is_too_many(hit(f"api:wrong:{address}", per=_QUARTER, now=now), _WRONG_TRIES):
            raise TooManyCalls
        raise WireError("AUTHENTICATION_FAILED", "Invalid credentials")
    if is_too_many(hit(f"api:calls:{credential.pk}", per=_SECOND, now=now), CALLS_A_SECOND):
        raise TooManyCalls
    keep.note_used(credential, now=now)
    merchant = credential.merchant
    actor = Actor(merchant.pk, f"api:{credential.user_name}", frozenset(Permission), is_set_up=True)
    return Caller(credential, merchant, actor)


def count_write(caller: Caller, call: str, *, now: datetime) -> None:
    """One more call that writes. Raises `TooManyCalls`."""
    if is_too_many(hit(f"api:writes:{caller.credential.pk}:{call}", per=_SECOND, now=now), WRITES_A_SECOND):
        raise TooManyCalls


def require_feature(caller: Caller, feature: Feature) -> None:
    """Raises `PERMISSION_DENIED` when the licence does not include it (behaviour.md B-9)."""
    with within(caller.merchant.pk):
        features = features_of(caller.merchant.pk)
    if feature not in features:
        raise WireError("PERMISSION_DENIED", "Invalid license")


def _credential_of(request: HttpRequest, address: str, *, now: datetime) -> Credential | None:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    certificate = _certificate_of(request, now=now)
    if header and certificate:
        raise WireError(
            "PERMISSION_DENIED", "Basic authentication and a client certificate exclude each other"
        )
    if certificate:
        return keep.of_certificate(certificate, address=address)
    scheme, _space, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user_name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not colon or "\x00" in user_name:
        return None
    return keep.known(user_name, password, address=address)


def _certificate_of(request: HttpRequest, *, now: datetime) -> str:
    """The fingerprint of the client certificate that a proxy of ours has verified; empty without one.

    Raises `PERMISSION_DENIED` for a stale or unreadable one (behaviour.md A-4).
    """
    name: str = settings.PAYGATE_CLIENT_CERTIFICATE_HEADER
    spelled = request.headers.get(name, "") if name else ""
    if not spelled:
        return ""
    try:
        return fingerprint(unquote(spelled), now=now)
    except WrongCertificate as refused:
        raise WireError("PERMISSION_DENIED", "The client certificate is not valid") from refused
