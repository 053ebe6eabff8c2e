"""Calls about things that this installation cannot have: currency conversion, and payments at a point of sale.

They answer what an account without the thing is answered, after the same checks, and nothing about cards or references.
"""

from typing import NoReturn

from paygate.api.authentication import Caller
from paygate.api.error_names import WireError
from paygate.api.payment.call import Task
from paygate.api.wire.alias import OmniChannelAcquireTransactionRequest, OmniChannelInsertAliasRequest
from paygate.api.wire.transaction import TransactionDccInquiryRequest


def dcc_inquiry(caller: Caller, asked: TransactionDccInquiryRequest, task: Task) -> NoReturn:
    """No connector converts currencies. The card is not looked at, so nobody learns anything of it (safety.md CT-3)."""
    caller.terminal(asked.terminal_id)
    raise WireError("ACTION_NOT_SUPPORTED", "No contract of this terminal offers currency conversion.")


def insert_alias(caller: Caller, asked: OmniChannelInsertAliasRequest, task: Task) -> NoReturn:
    """No point of sale files its payments here, so no reference is known."""
    raise WireError("TRANSACTION_NOT_FOUND", "No point of sale is connected to this account.")


def acquire_transaction(caller: Caller, asked: OmniChannelAcquireTransactionRequest, task: Task) -> NoReturn:
    """The same."""
    caller.terminal(asked.terminal_id)
    raise WireError("TRANSACTION_NOT_FOUND", "No point of sale is connected to this account.")
