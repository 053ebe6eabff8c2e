"""The table of error name, status and behaviour on the wire, and which name our refusals have there (errors.json)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paygate.refusals import Kind, Refusal

DO_NOT_RETRY: Final = "DO_NOT_RETRY"
OTHER_MEANS: Final = "OTHER_MEANS"
RETRY: Final = "RETRY"
RETRY_LATER: Final = "RETRY_LATER"


@dataclass(frozen=True, slots=True)
class ErrorName:
    """One row: what the wire calls it, its status, its words, and what the shop should do."""

    name: str
    status: int
    message: str
    behavior: str = DO_NOT_RETRY


ERROR_NAMES: Final[Mapping[str, ErrorName]] = {
    row.name: row
    for row in (
        ErrorName("ACTION_NOT_SUPPORTED", 402, "Action not supported"),
        ErrorName("ALIAS_INVALID", 402, "Alias is invalid"),
        ErrorName("AMOUNT_INVALID", 402, "Amount is invalid"),
        ErrorName("AUTHENTICATION_FAILED", 401, "Unable to authenticate request"),
        ErrorName("BLOCKED_BY_RISK_MANAGEMENT", 402, "Blocked by fraud detection"),
        ErrorName("CARD_CHECK_FAILED", 402, "Online card check failed"),
        ErrorName("CARD_CVC_INVALID", 402, "Card verification code is invalid"),
        ErrorName("CARD_CVC_REQUIRED", 402, "Card verification code is required"),
        ErrorName("COMMUNICATION_FAILED", 402, "Communication with the processor failed", RETRY),
        ErrorName("COMMUNICATION_TIMEOUT", 402, "The processor did not answer in time", RETRY),
        ErrorName("CONDITION_NOT_SATISFIED", 402, "Condition not satisfied", OTHER_MEANS),
        ErrorName("CURRENCY_INVALID", 402, "Currency does not match"),
        ErrorName("GENERAL_DECLINED", 402, "Transaction declined", OTHER_MEANS),
        ErrorName("INTERNAL_ERROR", 500, "Internal error", RETRY_LATER),
        ErrorName(
            "NO_CONTRACT",
            402,
            "No contract for the combination of terminal, means of payment/service provider and currency",
        ),
        ErrorName("NO_CREDITS_AVAILABLE", 402, "No credits available"),
        ErrorName("PAYER_AUTHENTICATION_REQUIRED", 402, "Transaction declined by acquirer"),
        ErrorName("PAYMENTMEANS_INVALID", 402, "Means of payment is invalid", OTHER_MEANS),
        ErrorName("PAYMENTMEANS_NOT_SUPPORTED", 402, "Means of payment is not supported", OTHER_MEANS),
        ErrorName("PERMISSION_DENIED", 403, "Permission denied"),
        ErrorName("3DS_AUTHENTICATION_FAILED", 402, "3D-Secure authentication failed", OTHER_MEANS),
        ErrorName("TOKEN_EXPIRED", 402, "Token expired"),
        ErrorName("TOKEN_INVALID", 402, "Token invalid"),
        ErrorName("TRANSACTION_ABORTED", 402, "Transaction aborted"),
        ErrorName("TRANSACTION_ALREADY_CAPTURED", 402, "Transaction already captured"),
        ErrorName("TRANSACTION_DECLINED", 402, "Transaction declined by acquirer", OTHER_MEANS),
        ErrorName("TRANSACTION_IN_WRONG_STATE", 402, "Invalid action"),
        ErrorName("TRANSACTION_NOT_FOUND", 402, "Transaction not found"),
        ErrorName("TRANSACTION_NOT_STARTED", 402, "Transaction has not been started"),
        ErrorName("UNEXPECTED_ERROR_BY_ACQUIRER", 402, "Unexpected error by acquirer", OTHER_MEANS),
        ErrorName("UPDATE_CARD_INFORMATION", 402, "Card information has to be updated", OTHER_MEANS),
        ErrorName("VALIDATION_FAILED", 400, "Request validation failed"),
    )
}

# Codes of our refusals that have a name of their own; all others go by their kind.
_BY_CODE: Final[Mapping[str, str]] = {
    "AMOUNT_INVALID": "AMOUNT_INVALID",
    "CURRENCY_INVALID": "CURRENCY_INVALID",
    "ALREADY_CAPTURED": "TRANSACTION_ALREADY_CAPTURED",
    "NO_CONTRACT": "NO_CONTRACT",
    "TOO_MANY_TRIES": "BLOCKED_BY_RISK_MANAGEMENT",
}
_BY_KIND: Final[Mapping[Kind, str]] = {
    Kind.INVALID: "VALIDATION_FAILED",
    Kind.NOT_FOUND: "TRANSACTION_NOT_FOUND",
    Kind.CONFLICT: "TRANSACTION_IN_WRONG_STATE",
    Kind.FORBIDDEN: "PERMISSION_DENIED",
}


class WireError(Exception):
    """What the wire answers instead of a result. `details` are for people and may change; nothing in them is secret."""

    def __init__(
        self,
        name: str,
        *details: str,
        message: str = "",
        behavior: str = "",
        status: int = 0,
        transaction_id: str = "",
        order_id: str = "",
        payer_message: str = "",
        processor: tuple[str, str, str] | None = None,  # name, result, message
    ) -> None:
        super().__init__(name)
        self.row = ERROR_NAMES[name]
        self.details = details
        self.message = message or self.row.message
        self.behavior = behavior or self.row.behavior
        self.status = status or self.row.status
        self.transaction_id = transaction_id
        self.order_id = order_id
        self.payer_message = payer_message
        self.processor = processor

    def as_wire(self) -> dict[str, object]:
        """The body without its header."""
        name, result, message = self.processor or ("", "", "")
        members = {
            "Behavior": self.behavior,
            "ErrorName": self.row.name,
            "ErrorMessage": self.message,
            "ErrorDetail": list(self.details),
            "TransactionId": self.transaction_id,
            "OrderId": self.order_id,
            "PayerMessage": self.payer_message,
            "ProcessorName": name,
            "ProcessorResult": result,
            "ProcessorMessage": message,
        }
        return {member: value for member, value in members.items() if value}


def of_refusal(refusal: Refusal, *, not_found: str = "TRANSACTION_NOT_FOUND") -> WireError:
    """What the wire says of an expected "no"; `not_found` is the name for what does not exist in this call."""
    if refusal.kind is Kind.NOT_FOUND:
        return WireError(not_found)
    name = _BY_CODE.get(refusal.code) or _BY_KIND[refusal.kind]
    words = f"{refusal.field}: {refusal}" if refusal.field else str(refusal)
    return WireError(name, *([words] if words.strip() else []))
