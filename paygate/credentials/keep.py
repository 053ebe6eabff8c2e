"""Make, limit and revoke credentials; who a request is from."""

import hmac
import ipaddress
import secrets
import string
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate import sealing
from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.credentials.certificates import WrongCertificate, fingerprint
from paygate.credentials.models import Credential
from paygate.refusals import Kind, NotFound, Refusal
from paygate.sealing import Keyring
from paygate.tenants.context import across_tenants
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant

MOST: Final = 10  # in use at a time (behaviour.md A-6)
PASSWORD_LENGTH: Final = 32  # at most 32 characters on the wire; 190 random bits
_LETTERS: Final = string.ascii_letters + string.digits
_NOTED_EACH: Final = timedelta(minutes=1)
_IN_USE: Final = Kept(
    lambda: Credential.objects.select_related("merchant").filter(
        user_name=Given("user_name", Credential._meta.get_field("user_name")), revoked_at=None
    )
)


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
    certificate: str = "",
    user_name: str = "",
    by: str,
    now: datetime,
) -> Credential:
    """A credential in use at once; with a `certificate` (PEM) its password is good too.

    Raises `TooManyCredentials`, `WrongNetwork`, `WrongCertificate`.
    """
    allowed = [_network(one) for one in networks]
    named = fingerprint(certificate, now=now) if certificate.strip() else ""
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=merchant.pk)  # two at once do not make an eleventh
        if Credential.objects.filter(merchant=merchant, revoked_at=None).count() >= MOST:
            raise TooManyCredentials(_("There are ten credentials already. Revoke one first."))
        if (
            named
            and Credential.objects.filter(merchant=merchant, certificate=named, revoked_at=None).exists()
        ):
            raise WrongCertificate
        name = user_name or _free_name(merchant)
        made = Credential.objects.create(
            merchant=merchant,
            user_name=name,
            description=description[:80],
            password_hash=make_password(password),
            look_up=_look_ups(name, password)[0],
            look_up_key=Keyring.of_settings().active,
            networks=allowed,
            certificate=named,
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
        found = _IN_USE.first(user_name=user_name)
    is_right = is_password_of(found, password) if found else _is_one(_look_ups(user_name, password), "")
    return found if found and is_right and is_allowed_from(found, address) else None


def is_password_of(credential: Credential, password: str) -> bool:
    """Is this its password? Told by the fast keyed hash; by the slow one once its key was taken away."""
    look_ups = _look_ups(credential.user_name, password)
    if credential.look_up_key in Keyring.of_settings().keys:
        return _is_one(look_ups, credential.look_up)
    if not check_password(password, credential.password_hash):
        return False
    with across_tenants():
        Credential.objects.filter(pk=credential.pk).update(
            look_up=look_ups[0], look_up_key=Keyring.of_settings().active
        )
    return True


def of_certificate(fingerprint: str, *, address: str) -> Credential | None:
    """Whose client certificate this is, with its merchant; nobody's if two merchants named it."""
    with across_tenants():
        found = (
            Credential.objects.select_related("merchant")
            .filter(certificate=fingerprint, revoked_at=None)
            .exclude(certificate="")[:2]
        )
        named = list(found)
    return named[0] if len(named) == 1 and is_allowed_from(named[0], address) else None


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
        words = _("This is no address and no range of addresses: %s") % text[:60]
        raise WrongNetwork(words, field="networks") from error


def _free_name(merchant: Merchant) -> str:
    return f"API_{merchant.customer_id}_{secrets.randbelow(90_000_000) + 10_000_000}"


def _look_ups(user_name: str, password: str) -> list[str]:
    """Under every key of the installation, the newest first."""
    return [one.hex() for one in sealing.macs("api credential", f"{user_name}:{password}".encode())]


def _is_one(look_ups: list[str], expected: str) -> bool:
    """All are compared, whichever is right: nobody learns from the time it takes."""
    return sum(hmac.compare_digest(one, expected) for one in look_ups) > 0


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
