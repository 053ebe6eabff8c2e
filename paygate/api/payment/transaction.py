"""Transactions: inquire (behaviour.md S-1)."""

from paygate.api.authentication import Caller
from paygate.api.error_names import WireError
from paygate.api.payment.call import Task
from paygate.api.payment.containers import liability_of, means_of, payer_of, transaction_of
from paygate.api.payment.find import addresses_behind, entry_meant
from paygate.api.wire.results import P2PEnabledPaymentMeansInfo
from paygate.api.wire.transaction import TransactionInquireRequest, TransactionInquireResponse


def inquire(caller: Caller, asked: TransactionInquireRequest, task: Task) -> TransactionInquireResponse:
    """A transaction that succeeded; nothing else is found."""
    entry = entry_meant(asked.transaction_reference)
    if not entry.succeeded:
        raise WireError("TRANSACTION_NOT_FOUND")
    return TransactionInquireResponse(
        response_header=task.header,
        transaction=transaction_of(entry),
        payment_means=P2PEnabledPaymentMeansInfo.model_validate(means_of(entry).as_wire()),
        payer=payer_of(entry, *addresses_behind(entry)),
        liability=liability_of(entry),
    )
