"""The wallet that an acquirer's approval lets be charged later."""

from paygate.acquiring.connector import Approved, InquiryAnswer
from paygate.acquiring.models import Contract
from paygate.cards.wallet import Wallet, acquirer_named


def wallet_in(answer: InquiryAnswer, contract: Contract) -> Wallet | None:
    """What may be stored of this answer; None where it brings no token."""
    if not isinstance(answer, Approved) or not answer.wallet_token:
        return None
    return Wallet(contract.method, answer.wallet_token, acquirer_of(contract), answer.wallet_until)


def acquirer_of(contract: Contract) -> str:
    """Who alone knows the tokens that came by this contract."""
    return acquirer_named(contract.connector, contract.acquirer_merchant_id)
