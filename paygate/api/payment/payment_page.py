"""Payment pages: what became of one (behaviour.md D-3, D-8, D-9, M-11)."""

from datetime import timedelta
from typing import Final

from paygate.api.authentication import Caller
from paygate.api.error_names import DO_NOT_RETRY, ERROR_NAMES, WireError
from paygate.api.payment.alias_containers import registration_result
from paygate.api.payment.call import Task
from paygate.api.payment.containers import declined, liability_of, means_of, payer_of, payment_of
from paygate.api.payment.find import addresses_of
from paygate.api.wire.payment_page import PaymentPageAssertRequest, PaymentPageAssertResponse
from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import LIVE, MONEY_ASKED, AttemptState, SessionState

ASSERTED_FOR: Final = timedelta(hours=24)
PENDING_FOR: Final = timedelta(hours=120)
STILL_RUNNING: Final = "Transaction still in progress or abandoned by the payer."


def assert_page(caller: Caller, asked: PaymentPageAssertRequest, task: Task) -> PaymentPageAssertResponse:
    """The payment behind a token: of a page of the API, and of Secure PayGate's pages and calls (SPG-SET-19 to 21).

    Reading changes nothing, so that a shop may ask from within our call and from its return page at once.
    """
    session = Session.objects.filter(token=asked.token).first()
    if session is None:
        raise WireError("TOKEN_INVALID")
    attempt = (
        session.attempts.select_related("entry__contract", "entry__authentication").order_by("pk").last()
    )
    if session.state != SessionState.PAID or attempt is None:
        raise _not_paid(session, attempt, task)
    ended = session.ended_at or session.opened_at
    if task.now > max(session.opened_at, ended) + ASSERTED_FOR:
        raise WireError("TOKEN_EXPIRED", order_id=session.reference)
    entry = attempt.entry
    assert entry is not None, "what is paid stands in the journal"
    return PaymentPageAssertResponse(
        response_header=task.header,
        transaction=payment_of(entry),
        payment_means=means_of(entry),
        payer=payer_of(entry, *addresses_of(session)),
        liability=liability_of(entry),
        registration_result=registration_result(session),
    )


def _not_paid(session: Session, attempt: Attempt | None, task: Task) -> WireError:
    is_pending = attempt is not None and attempt.state in MONEY_ASKED
    if task.now > session.opened_at + (PENDING_FOR if is_pending else ASSERTED_FOR):
        return WireError("TOKEN_EXPIRED", order_id=session.reference)
    if session.state == SessionState.ABORTED:
        return WireError("TRANSACTION_ABORTED", order_id=session.reference)
    if attempt is None and session.state == SessionState.OPEN:
        return WireError("TRANSACTION_NOT_STARTED", order_id=session.reference)
    if attempt is None or attempt.state in LIVE or attempt.state == AttemptState.ABANDONED:
        return WireError("TRANSACTION_IN_WRONG_STATE", message=STILL_RUNNING, order_id=session.reference)
    return why_failed(session, attempt)


def why_failed(session: Session, attempt: Attempt) -> WireError:
    """By the acquirer, by 3-D Secure, or by the condition (behaviour.md G-2, G-6)."""
    if attempt.entry is not None and attempt.state == AttemptState.DECLINED:
        return declined(attempt.entry)
    name = attempt.refused_because if attempt.refused_because in ERROR_NAMES else "TRANSACTION_DECLINED"
    return WireError(
        name,
        behavior=DO_NOT_RETRY if attempt.do_not_retry else "",
        transaction_id=attempt.entry.transaction_id if attempt.entry else "",
        order_id=session.reference,
    )
