"""Make, limit and revoke credentials; who a request is from."""

import hashlib
import hmac
import ipaddress
import secrets
import string
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.credentials.models import Credential
from paygate.refusals import Kind, NotFound, Refusal
from paygate.tenants.context import across_tenants
from paygate.tenants.models import Merchant

MOST: Final = 10  # in use at a time (behaviour.md A-6)
PASSWORD_LENGTH: Final = 32  # at most 32 characters on the wire; 190 random bits
_LETTERS: Final = string.ascii_letters + string.digits
_NOTED_EACH: Final = timedelta(minutes=1)


class TooManyCredentials(Refusal):
    """Ten are enough; one has to be revoked first."""

    code = "TOO_MANY_CREDENTIALS"
    kind = Kind.CONFLICT


class WrongNetwork(Refusal):
    """No address and no range of addresses."""

    code = "NETWORK_INVALID"


def new_password() -> str:
    """A password nobody can guess; shown once and never again."""
    return "".join(secrets.choice(_LETTERS) for _each in range(PASSWORD_LENGTH))


def make(
    merchant: Merchant,
    *,
    password: str,
    description: str = "",
    networks: Sequence[str] = (),
    user_name: str = "",
    by: str,
    now: datetime,
) -> Credential:
    """A credential in use at once. Raises `TooManyCredentials`, `WrongNetwork`.

    The passwords are drawn by us and long, so that a plain salted hash keeps them: each call of a program pays for it.
    """
    allowed = [_network(one) for one in networks]
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=merchant.pk)  # two at once do not make an eleventh
        if Credential.objects.filter(merchant=merchant, revoked_at=None).count() >= MOST:
            raise TooManyCredentials(_("There are ten credentials already. Revoke one first."))
        salt = secrets.token_hex(16)
        made = Credential.objects.create(
            merchant=merchant,
            user_name=user_name or _free_name(merchant),
            description=description[:80],
            salt=salt,
            password_hash=_hash(salt, password),
            networks=allowed,
            created_at=now,
            created_by=by,
        )
        _tell(made, Action.CREDENTIAL_MADE, {"networks": allowed}, by=by, now=now)
    return made


def limit(credential: Credential, networks: Sequence[str], *, by: str, now: datetime) -> None:
    """From now on it is taken from these addresses only; from anywhere if there are none. Raises `WrongNetwork`."""
    allowed = [_network(one) for one in networks]
    with transaction.atomic():
        old = list(credential.networks)
        credential.networks = allowed
        credential.save(update_fields=["networks"])
        told = changes({"networks": old}, {"networks": allowed})
        _tell(credential, Action.CREDENTIAL_LIMITED, told, by=by, now=now)


def revoke(credential: Credential, *, by: str, now: datetime) -> None:
    """It opens nothing any more, from the next request on. Again: nothing more happens."""
    with transaction.atomic():
        if Credential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=now):
            _tell(credential, Action.CREDENTIAL_REVOKED, {}, by=by, now=now)


def own(merchant_id: int, pk: int) -> Credential:
    """A merchant's credential in use. Raises `NotFound`."""
    found = Credential.objects.filter(merchant_id=merchant_id, pk=pk, revoked_at=None).first()
    if found is None:
        raise NotFound
    return found


def known(user_name: str, password: str, *, address: str) -> Credential | None:
    """Whose key this is, with its merchant; None if it is nobody's, or not from that address.

    A wrong name takes as long as a wrong password.
    """
    with across_tenants():
        found = (
            Credential.objects.select_related("merchant").filter(user_name=user_name, revoked_at=None).first()
        )
    salt, expected = (found.salt, found.password_hash) if found else ("", _hash("", ""))
    is_right = hmac.compare_digest(_hash(salt, password), expected)
    return found if found and is_right and is_allowed_from(found, address) else None


def is_password_of(credential: Credential, password: str) -> bool:
    """Is this its password?"""
    return hmac.compare_digest(_hash(credential.salt, password), credential.password_hash)


def of_certificate(fingerprint: str, *, address: str) -> Credential | None:
    """Whose client certificate this is, with its merchant."""
    with across_tenants():
        found = (
            Credential.objects.select_related("merchant")
            .filter(certificate=fingerprint, revoked_at=None)
            .exclude(certificate="")
            .first()
        )
    return found if found and is_allowed_from(found, address) else None


def is_allowed_from(credential: Credential, address: str) -> bool:
    """May it be used from there?"""
    if not credential.networks:
        return True
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(place in ipaddress.ip_network(one) for one in credential.networks)


def note_used(credential: Credential, *, now: datetime) -> None:
    """Remember when it was last used, at most once a minute: reading must not become writing."""
    if credential.last_used_at is None or now - credential.last_used_at >= _NOTED_EACH:
        with across_tenants():
            Credential.objects.filter(pk=credential.pk).update(last_used_at=now)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise WrongNetwork(_("This is no address and no range of addresses: %s") % text[:60]) from error


def _free_name(merchant: Merchant) -> str:
    return f"API_{merchant.customer_id}_{secrets.randbelow(90_000_000) + 10_000_000}"


def _hash(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt}:{password}".encode()).hexdigest()


def _tell(
    credential: Credential,
    action: Action,
    detail: Mapping[str, object],
    *,
    by: str,
    now: datetime,
) -> None:
    record(
        action,
        merchant_id=credential.merchant_id,
        by=by,
        subject=f"credential:{credential.user_name}",
        detail=detail,
        now=now,
    )
