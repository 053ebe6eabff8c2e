"""Payloads that several calls share, from our words to the wire's and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from paygate.acquiring.declines import DECLINES, DeclineReason
from paygate.addresses import Address
from paygate.api.error_names import DO_NOT_RETRY, WireError
from paygate.api.validation import invalid
from paygate.api.wire.common import AmountWithoutZero, AmountWithZero
from paygate.api.wire.payer import ResponseAddress, ResponseBillingAddress
from paygate.api.wire.results import (
    Brand,
    CardInfo,
    LiabilityInfo,
    PayerInfo,
    PaymentMeansInfo,
    PaymentTransaction,
    ThreeDsInfo,
    Transaction,
)
from paygate.checkout.models import Attempt
from paygate.journal.models import Entry, Movement
from paygate.journal.movements import BEGINNINGS
from paygate.journal.states import EntryState, MovementState
from paygate.methods import METHODS
from paygate.money.amount import Money

_STATUSES: Final[Mapping[EntryState, Literal["AUTHORIZED", "CANCELED", "CAPTURED", "PENDING"]]] = {
    EntryState.AUTHORIZED: "AUTHORIZED",
    EntryState.CAPTURED: "CAPTURED",
    EntryState.CANCELED: "CANCELED",
    EntryState.PENDING: "PENDING",
}

# Reasons of an acquirer that have a name of their own on the wire; all others are a plain decline.
_DECLINED_AS: Final[Mapping[str, str]] = {
    DeclineReason.AUTHENTICATION_REQUIRED: "PAYER_AUTHENTICATION_REQUIRED",
    DeclineReason.PAYER_CANCELED: "TRANSACTION_ABORTED",
    DeclineReason.PAYER_TOO_LATE: "TRANSACTION_ABORTED",
    DeclineReason.TRY_LATER: "COMMUNICATION_FAILED",
    DeclineReason.CARD_EXPIRED: "PAYMENTMEANS_INVALID",
    DeclineReason.INVALID_CARD: "PAYMENTMEANS_INVALID",
    DeclineReason.INVALID_AMOUNT: "AMOUNT_INVALID",
    DeclineReason.NEVER_ARRIVED: "COMMUNICATION_FAILED",
}


class WireAmount(Protocol):
    """An amount as the wire has it: minor units as text."""

    @property
    def currency_code(self) -> str: ...

    @property
    def value(self) -> str: ...


def money_of(told: WireAmount, path: str) -> Money:
    """The amount a program names. Raises `VALIDATION_FAILED` for more than twelve digits (safety.md MO-3)."""
    if len(told.value.lstrip("0")) > 12:
        raise invalid(f"{path}.Value")
    return Money(int(told.value), told.currency_code)


def amount_of(money: Money) -> AmountWithoutZero:
    """The amount as it is told."""
    return AmountWithoutZero(currency_code=money.currency, value=str(money.minor))


def amount_with_zero_of(money: Money) -> AmountWithZero:
    """The same where nothing may be told."""
    return AmountWithZero(currency_code=money.currency, value=str(money.minor))


def wire_time(moment: datetime) -> str:
    """ISO 8601 in UTC, with three fraction digits (behaviour.md P-7)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def payment_of(entry: Entry) -> PaymentTransaction:
    """A payment in the journal. Raises `WireError` for one that never came to be."""
    return PaymentTransaction.model_validate(transaction_of(entry).as_wire())


def transaction_of(entry: Entry) -> Transaction:
    """The same where a refund may be told too."""
    status = _STATUSES.get(EntryState(entry.state))
    if status is None:
        raise declined(entry)
    return Transaction(
        type="REFUND" if entry.is_refund else "PAYMENT",
        status=status,
        id=entry.transaction_id,
        # Of several bookings none stands for all: each is named by the call that made it.
        capture_id=capture_id_of(entry) if status == "CAPTURED" and not entry.is_in_parts else None,
        date=wire_time(entry.authorized_at or entry.created_at),
        amount=amount_of(entry.amount),
        order_id=entry.reference or None,
        acquirer_name=_brand_name(entry),
        acquirer_reference=entry.acquirer_reference or None,
        six_transaction_reference=f"0:0:3:{entry.transaction_id}",
        approval_code=entry.approval_code or None,
    )


def capture_id_of(entry: Entry, part: Movement | None = None) -> str:
    """What a booking is called; where booking is no step of its own, it is the transaction itself (H-2, H-3).

    Of several, each has its number (H-14).
    """
    if part is not None:
        return f"{entry.transaction_id}_{part.part_number}_c"
    return f"{entry.transaction_id}_c" if METHODS[entry.method].needs_capture else entry.transaction_id


def means_of(entry: Entry) -> PaymentMeansInfo:
    """What was paid with, masked (safety.md CD-2)."""
    method = METHODS[entry.method]
    brand = brand_of(entry.method, is_test=_is_test(entry))
    if not method.is_card or not entry.means:
        return PaymentMeansInfo(brand=brand, display_text=method.label)
    month, _slash, year = entry.means_expiry.partition("/")
    card = CardInfo(
        masked_number=masked(entry.means, entry.api_digits),
        exp_month=int(month or 0),
        exp_year=int(year or 0),
        holder_segment="UNSPECIFIED",
        funding_source="UNSPECIFIED",
    )
    return PaymentMeansInfo(brand=brand, display_text=display_text(entry.means), card=card)


def brand_of(name: str, *, is_test: bool) -> Brand:
    """A method as people read it, with its key; on a test account it says so (behaviour.md P-5)."""
    method = METHODS[name]
    label = f"{method.label} PayGate Test" if is_test else method.label
    return Brand.model_validate({"Name": label, "PaymentMethod": method.wire_name})


def masked(six_and_four: str, api_digits: str) -> str:
    """Eight digits readable where they may be; what older versions are told is cut to six (behaviour.md P-2)."""
    return f"{six_and_four[:6]}{api_digits}{six_and_four[6 + len(api_digits) :]}"


def display_text(masked: str) -> str:
    """Groups of four digits, of which the last four can be read (behaviour.md P-3)."""
    hidden = "x" * (len(masked) - 4) + masked[-4:]
    return " ".join(hidden[at : at + 4] for at in range(0, len(hidden), 4))


def liability_of(entry: Entry) -> LiabilityInfo | None:
    """Who bears the risk of fraud (behaviour.md G-7); nothing for what knows no 3-D Secure."""
    if not METHODS[entry.method].three_ds:
        return None
    three_ds = None
    if named := _three_ds_names(entry):
        xid, version = named
        three_ds = ThreeDsInfo.model_construct(
            authenticated=bool(entry.authenticated),
            xid=xid,
            version=version[:1] or None,
            authentication_type=entry.authentication_type or None,
        )
    return LiabilityInfo(
        liability_shift=entry.liability_shift,
        liable_entity="THREEDS" if entry.liable_entity == "THREEDS" else "MERCHANT",
        in_psd2_scope="UNKNOWN",
        three_ds=three_ds,
    )


def _three_ds_names(entry: Entry) -> tuple[str, str] | None:
    """Id and version of the 3-D Secure behind it: ours, or that of the program's own server."""
    seen = entry.authentication
    if seen is not None:
        return str(seen.ds_trans_id or seen.server_trans_id), seen.message_version
    if entry.authenticated is None:
        return None
    told = Attempt.objects.filter(entry=entry).values_list("told_proof", flat=True).first()
    return (told["ds_trans_id"], told["version"]) if told else None


def payer_of(entry: Entry, address: Address, delivery: Address) -> PayerInfo | None:
    """Who paid, and where the goods go, as far as anybody said. The mail address stands with the billing address
    (SPG-MUP-06).
    """
    billing = _address_members(address) | ({"email": entry.payer_email} if entry.payer_email else {})
    away = _address_members(delivery)
    away.pop("vat_number", None)
    if not billing and not away:
        return None
    return PayerInfo(
        billing_address=ResponseBillingAddress.model_validate(billing) if billing else None,
        delivery_address=ResponseAddress.model_validate(away) if away else None,
    )


def _address_members(address: Address) -> dict[str, str]:
    told = {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "street": address.street,
        "street2": address.street2,
        "zip": address.zip,
        "city": address.city,
        "country_code": address.country,
        "phone": address.phone,
        "gender": address.salutation,
        "country_subdivision_code": address.state.rpartition("-")[2].upper(),
        "vat_number": address.vat_number,
    }
    return {name: value for name, value in told.items() if value}


def declined(entry: Entry) -> WireError:
    """Why a payment never came to be: by the acquirer's reason, or by ours."""
    asked = entry.movements.filter(kind__in=BEGINNINGS).first()
    reason = asked.decline_reason if asked else ""
    never_left = asked is not None and asked.state == MovementState.NOT_SENT
    name = "COMMUNICATION_FAILED" if never_left else _DECLINED_AS.get(reason, "TRANSACTION_DECLINED")
    again = DECLINES[asked.acquirer_code] if asked and asked.acquirer_code in DECLINES else None
    return WireError(
        name,
        behavior=DO_NOT_RETRY if again and again.never_again else "",
        transaction_id=entry.transaction_id,
        order_id=entry.reference,
        processor=(_brand_name(entry), asked.acquirer_code, reason)
        if asked and asked.acquirer_code
        else None,
    )


def _brand_name(entry: Entry) -> str:
    return brand_of(entry.method, is_test=_is_test(entry)).name


def _is_test(entry: Entry) -> bool:
    return entry.contract.connector == "simulator"
