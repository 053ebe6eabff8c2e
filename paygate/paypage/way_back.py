"""The merchant's own result pages, with the token in its place (SPG-SET-12 to 18; docs/decisions/0014)."""

from dataclasses import dataclass
from time import monotonic
from typing import Final

from paygate.checkout import next_step as step
from paygate.checkout.models import Session
from paygate.checkout.shop_pages import page_of
from paygate.merchants.own_pages import filled
from paygate.merchants.preferences import preferences_of

# Addresses are read again after so long: a new one may count a little later, and no payment asks for them.
TRUSTED_SECONDS: Final = 10.0

_read: dict[int, tuple[float, "OwnPages | None"]] = {}


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Where payers go on, as it stands in the settings."""

    success: str
    failure: str
    abort: str


def way_back(session: Session, seen: step.NextStep) -> str:
    """Where this payer goes on; empty where the merchant keeps our pages, and while nothing is certain (OC-11)."""
    wished = page_of(session)
    if (
        wished
    ):  # a program's page says itself where its payer goes on; nothing is filled in (behaviour.md D-6)
        pages: OwnPages | None = OwnPages(wished.success_url, wished.fail_url, wished.abort_url)
    else:
        pages = _own_pages_of(session.merchant_id)
    if pages is None:
        return ""
    match seen:
        case step.Paid() | step.Ready():
            address = pages.success
        case step.Failed():
            address = pages.failure
        case step.Aborted():
            address = pages.abort
        case _:
            address = ""
    return address if wished or not address else filled(address, session.token)


def has_own_pages(merchant_id: int) -> bool:
    """Does the merchant lead payers to pages of its own?"""
    return _own_pages_of(merchant_id) is not None


def forget() -> None:
    """Ask again: for tests, which begin with an empty database each."""
    _read.clear()


def _own_pages_of(merchant_id: int) -> OwnPages | None:
    known = _read.get(merchant_id)
    if known is None or monotonic() - known[0] > TRUSTED_SECONDS:
        settings = preferences_of(merchant_id)
        pages = OwnPages(settings.success_url, settings.failure_url, settings.abort_url)
        known = _read[merchant_id] = (monotonic(), pages if settings.own_pages else None)
    return known[1]
