"""The table of what each wire version renamed, and the renaming (behaviour.md B-3).

Rooms behind speak the newest version only. What an older program says is read as the newest says it; what it is told
holds only what its version knew.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from paygate.api.wire.formats import SPEC_VERSIONS

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What became different with a version, from both sides; older versions have it the old way."""

    since: int
    what: str
    read: Callable[[Members], None] | None = None  # an older request, to be read as of now
    told: Callable[[Members], None] | None = None  # an answer of now, to be told the older way
    # A member of requests that only older versions know; told by a newer one it counts as undocumented.
    gone: str = ""
    calls: tuple[str, ...] = ()  # only these; empty: all


def newest() -> int:
    """The minor number of the newest version."""
    return len(SPEC_VERSIONS) - 1


def upgrade(call: str, minor: int, body: Mapping[str, Any]) -> Members:
    """A request of an older version, as the newest says it."""
    read = deepcopy(dict(body))
    for change in CHANGES:
        if minor >= change.since:
            read.pop(change.gone, None)
        elif change.read and (not change.calls or call in change.calls):
            change.read(read)
    return read


def downgrade(call: str, minor: int, body: Mapping[str, Any]) -> Members:
    """An answer of the newest version, as an older one says it."""
    told = deepcopy(dict(body))
    for change in reversed(CHANGES):
        if change.told and minor < change.since and (not change.calls or call in change.calls):
            change.told(told)
    return told


def _return_url(body: Members) -> None:
    """The three addresses stay beside the one: the payer is sent to the one that fits."""
    old = body.get("ReturnUrls")
    if "ReturnUrl" not in body and isinstance(old, dict) and "Success" in old:
        body["ReturnUrl"] = {"Url": old["Success"]}


def _notify_url(body: Members) -> None:
    note = body.get("Notification")
    if isinstance(note, dict) and "NotifyUrl" in note and "SuccessNotifyUrl" not in note:
        note["SuccessNotifyUrl"] = note["NotifyUrl"]


def _address_source(body: Members) -> None:
    for name in ("BillingAddressForm", "DeliveryAddressForm"):
        form = body.get(name)
        if isinstance(form, dict) and "Display" in form and "AddressSource" not in form:
            form["AddressSource"] = "SAFERPAY" if form["Display"] is True else "NONE"


_CONDITIONS: Final = {
    "WITH_LIABILITY_SHIFT": "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED",
    "IF_ALLOWED_BY_SCHEME": "NONE",
}


def _condition(body: Members) -> None:
    old = body.get("Condition")
    if isinstance(old, str):
        body["Condition"] = _CONDITIONS.get(old, old)


def _capture_reference(body: Members) -> None:
    old = body.get("TransactionReference")
    if "CaptureReference" not in body and isinstance(old, dict):
        body["CaptureReference"] = old


def _behavior(body: Members) -> None:
    if body.get("Behavior") == "DO_NOT_RETRY":
        body["Behavior"] = "ABORT"


def _liable_entity(body: Members) -> None:
    liability = body.get("Liability")
    if isinstance(liability, dict) and "LiableEntity" in liability:
        words = {"MERCHANT": "Merchant", "THREEDS": "ThreeDs"}
        liability["LiableEntity"] = words.get(liability["LiableEntity"], liability["LiableEntity"])


def _three_ds(body: Members) -> None:
    liability = body.pop("Liability", None)
    if isinstance(liability, dict) and "ThreeDs" in liability:
        inner = liability["ThreeDs"]
        known = {name: inner[name] for name in ("Authenticated", "Xid") if name in inner}
        body["ThreeDs"] = {**known, "LiabilityShift": liability.get("LiabilityShift", False)}


def _fraud_result(body: Members) -> None:
    fraud = body.get("FraudPrevention")
    if isinstance(fraud, dict) and fraud.get("Result") == "CHALLENGED":
        fraud["Result"] = "MANUAL_REVIEW"


def _masked_number(body: Members) -> None:
    """Six and four digits readable instead of eight and four (behaviour.md P-2)."""
    card = (body.get("PaymentMeans") or {}).get("Card")
    if isinstance(card, dict) and isinstance(card.get("MaskedNumber"), str):
        number = card["MaskedNumber"]
        card["MaskedNumber"] = number[:6] + "x" * max(len(number) - 10, 0) + number[-4:]


def _no_click_to_pay(body: Members) -> None:
    means = body.get("PaymentMeans")
    if isinstance(means, dict) and means.get("Wallet") == "CLICKTOPAY":
        del means["Wallet"]


CHANGES: Final = (
    Change(9, "Liability replaces ThreeDs", told=_three_ds),
    Change(27, "Liability replaces ThreeDs", told=_three_ds, calls=("Transaction/AuthorizeDirect",)),
    Change(
        10,
        "CaptureReference replaces TransactionReference",
        read=_capture_reference,
        calls=("Transaction/Refund", "Transaction/AssertCapture"),
    ),
    Change(22, "LiableEntity in upper case", told=_liable_entity),
    Change(24, "SuccessNotifyUrl replaces NotifyUrl", read=_notify_url),
    Change(26, "AddressSource replaces Display", read=_address_source),
    Change(32, "ReturnUrl replaces ReturnUrls", read=_return_url, gone="ReturnUrls"),
    Change(33, "DO_NOT_RETRY replaces ABORT", told=_behavior),
    Change(36, "other names of conditions", read=_condition),
    Change(39, "CHALLENGED replaces MANUAL_REVIEW", told=_fraud_result),
    Change(43, "the wallet CLICKTOPAY is told", told=_no_click_to_pay),
    Change(53, "eight digits of a card number are readable", told=_masked_number),
)
