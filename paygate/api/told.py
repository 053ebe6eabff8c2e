"""What programs tell, in our words: languages, mailboxes, addresses, page configurations."""

from collections.abc import Mapping

from paygate.addresses import Address
from paygate.api.error_names import WireError
from paygate.api.validation import invalid
from paygate.api.wire.options import ReturnUrl, ReturnUrls
from paygate.api.wire.payer import Payer, RequestAddress
from paygate.designs.models import Design
from paygate.languages import PAGE_CODES
from paygate.mail.mailbox import MailboxRefused, parse_mailbox


def language_told(code: str | None, default: str) -> str:
    """A well-formed code that nobody speaks here is the default language (behaviour.md F-8)."""
    return code if code in PAGE_CODES else default


def ways_back(now: ReturnUrl, old: ReturnUrls | None) -> tuple[str, str, str]:
    """Where the payer goes on to after success, failure and giving up; older programs tell three (behaviour.md B-3)."""
    if old is None:
        return now.url, now.url, now.url
    return old.success, old.fail, old.abort or old.fail


def mailbox_told(text: str | None, path: str) -> str:
    """One mailbox; empty for none. Raises `VALIDATION_FAILED` at its place."""
    if not text:
        return ""
    try:
        return parse_mailbox(text)
    except MailboxRefused as refused:
        raise invalid(path) from refused


def mailbox_known(payer: Payer | None) -> str:
    """The payer's, as the shop knows it; what is none is nothing, because older programs write what they like there."""
    known = payer.billing_address.email if payer and payer.billing_address else None
    try:
        return mailbox_told(known, "Payer.BillingAddress.Email")
    except WireError:
        return ""


def address_told(told: RequestAddress | None) -> Address:
    """A postal address."""
    if told is None:
        return Address()
    return Address(
        first_name=told.first_name or "",
        last_name=told.last_name or "",
        company=told.company or "",
        street=told.street or "",
        street2=told.street2 or "",
        zip=told.zip or "",
        city=told.city or "",
        country=told.country_code or "",
        phone=told.phone or "",
        salutation=told.gender or "",
        state=told.country_subdivision_code or "",
        vat_number=getattr(told, "vat_number", None) or "",
    )


def design_told(name: str | None) -> int | None:
    """A page configuration by its name, case-insensitive; an unknown one is no error (behaviour.md F-9)."""
    return Design.objects.filter(name__iexact=name).values_list("pk", flat=True).first() if name else None


def refuse_unserved(wished: Mapping[str, object]) -> None:
    """Raises `ACTION_NOT_SUPPORTED` for a wish, by its path, that would otherwise be passed over without a word."""
    for name, value in wished.items():
        if value:
            raise WireError("ACTION_NOT_SUPPORTED", f"{name}: this installation does not do that.")
