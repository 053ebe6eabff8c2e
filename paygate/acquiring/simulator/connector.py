"""The connector that speaks to the pretend acquirer: real messages both ways, in this process or over HTTP."""

import json
from collections.abc import Mapping
from datetime import date

from django.conf import settings

from paygate.acquiring.causes import http_status
from paygate.acquiring.connector import (
    Answer,
    AuthorizeRequest,
    BatchAnswer,
    BatchRequest,
    CancelRequest,
    CaptureRequest,
    CheckRequest,
    DayAnswer,
    InquireRequest,
    InquiryAnswer,
    NotSent,
    Operation,
    RefundRequest,
    RegisterRequest,
    ReverseRequest,
    TerminalRef,
    ThreeDSData,
    Unknown,
)
from paygate.acquiring.reply import Question, read_answer, read_batch, read_day, read_inquiry, redacted
from paygate.acquiring.simulator.wire import exchange
from paygate.cards.number import Card
from paygate.outbound import NoReply, NothingArrived, leave_database
from paygate.outbound.own_hosts import host_of

Asked = (
    AuthorizeRequest
    | CheckRequest
    | RegisterRequest
    | CaptureRequest
    | CancelRequest
    | RefundRequest
    | ReverseRequest
    | InquireRequest
)
Fields = Mapping[str, object]


class SimulatorConnector:
    """An acquirer that answers by card number and amount (simulator/scenarios.py)."""

    kind: str = "simulator"

    def hosts(self) -> tuple[str, ...]:
        """One, where it is a process of its own."""
        return (host_of(settings.PAYGATE_SIMULATOR_URL),)

    def authorize(self, request: AuthorizeRequest) -> Answer:
        """Reserve; wallets answer `Elsewhere` with the pretend wallet's page."""
        fields = {
            "method": request.method,
            "card": _card(request.card),
            "reference": request.reference,
            "pre_authorization": request.pre_authorization,
            "three_ds": _proof(request.three_ds),
            "allow_partial": request.allow_partial,
            "return_url": request.return_url,
            "initial": request.initial,
            "series": request.original_request_id,
            "wallet": request.wallet_token,
            "keeps": request.keeps_wallet,
        }
        question = Question(
            Operation.AUTHORIZE,
            request.request_id,
            request.terminal.number,
            request.amount,
            allow_partial=request.allow_partial,
        )
        return _ask(question, request, fields)

    def check_card(self, request: CheckRequest) -> Answer:
        """Is it good? Answered by the card's number, as an authorization would be."""
        fields = {
            "method": request.method,
            "card": _card(request.card),
            "three_ds": _proof(request.three_ds),
        }
        question = Question(Operation.CHECK, request.request_id, request.terminal.number, request.amount)
        return _ask(question, request, fields)

    def register(self, request: RegisterRequest) -> Answer:
        """Ask on the pretend wallet's page whether the wallet may be charged later."""
        question = Question(Operation.REGISTER, request.request_id, request.terminal.number, request.amount)
        return _ask(question, request, {"method": request.method, "return_url": request.return_url})

    def capture(self, request: CaptureRequest) -> Answer:
        """Book; the pretend acquirer checks the sum."""
        return _ask(
            _follow_up(Operation.CAPTURE, request), request, _original(request) | {"final": request.final}
        )

    def cancel(self, request: CancelRequest) -> Answer:
        """Release."""
        return _ask(_follow_up(Operation.CANCEL, request), request, _original(request))

    def refund(self, request: RefundRequest) -> Answer:
        """Pay back; a credit to a card is answered by its number, as an authorization would be."""
        fields = _original(request)
        if request.card:
            fields |= {"method": request.method, "card": _card(request.card)}
        return _ask(_follow_up(Operation.REFUND, request), request, fields)

    def reverse(self, request: ReverseRequest) -> Answer:
        """Give back; acknowledged even where the original never arrived."""
        fields = {"original_request_id": request.original_request_id}
        return _ask(_follow_up(Operation.REVERSE, request), request, fields)

    def inquire(self, request: InquireRequest) -> InquiryAnswer:
        """What became of it: the answer as it was given or would be now."""
        question = Question(
            request.operation,
            request.request_id,
            request.terminal.number,
            request.amount,
            original_request_id=request.original_request_id,
            allow_partial=request.allow_partial,
        )
        fields = {"about": request.operation, "original_request_id": request.original_request_id}
        reply = _exchanged(_message(Operation.INQUIRE, request, fields))
        return read_inquiry(reply, question) if isinstance(reply, bytes) else reply

    def submit_batch(self, request: BatchRequest) -> BatchAnswer:
        """File a closed booking period; the same again is acknowledged as a duplicate."""
        message = {
            "op": Operation.BATCH,
            "request_id": request.request_id,
            **_terminal(request.terminal),
            "number": request.number,
            "count": len(request.lines),
            "totals": dict(request.totals),
            "content_hash": request.content_hash,
            "body": request.body.decode(),
        }
        reply = _exchanged(message)
        return read_batch(reply, request) if isinstance(reply, bytes) else reply

    def list_day(self, terminal: TerminalRef, day: date) -> DayAnswer:
        """What was approved on this day, in UTC."""
        reply = _exchanged({"op": Operation.LIST, **_terminal(terminal), "day": day.isoformat()})
        return read_day(reply, terminal, day.isoformat()) if isinstance(reply, bytes) else reply


def _ask(question: Question, request: Asked, fields: Fields) -> Answer:
    reply = _exchanged(_message(question.operation, request, fields))
    return read_answer(reply, question) if isinstance(reply, bytes) else reply


def _exchanged(message: Fields) -> bytes | NotSent | Unknown:
    """The body of the reply, or why there is none."""
    leave_database(f"the acquirer ({message['op']})")
    try:
        status, body = exchange(json.dumps(message).encode())
    except NothingArrived as failure:
        return NotSent(str(failure))
    except NoReply as failure:
        return Unknown(str(failure))
    return body if status == 200 else Unknown(http_status(status), redacted(body))


def _message(operation: Operation, request: Asked, fields: Fields) -> Fields:
    return {
        "op": operation,
        "request_id": request.request_id,
        **_terminal(request.terminal),
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        **fields,
    }


def _terminal(terminal: TerminalRef) -> dict[str, object]:
    return {
        "terminal": terminal.number,
        "merchant_id": terminal.merchant_id,
        "acquirer_bin": terminal.acquirer_bin,
    }


def _original(request: CaptureRequest | CancelRequest | RefundRequest) -> dict[str, object]:
    return {
        "original_request_id": request.original_request_id,
        "original_reference": request.original_reference,
    }


def _follow_up(
    operation: Operation, request: CaptureRequest | CancelRequest | RefundRequest | ReverseRequest
) -> Question:
    return Question(
        operation,
        request.request_id,
        request.terminal.number,
        request.amount,
        original_request_id=request.original_request_id,
    )


def _card(card: Card | None) -> dict[str, str] | None:
    if card is None:
        return None
    return {
        "number": card.number.digits,
        "expiry": f"{card.expiry.year}-{card.expiry.month:02}",
        "cvc": card.code.digits if card.code else "",
        "holder": card.holder,
    }


def _proof(data: ThreeDSData | None) -> dict[str, str] | None:
    if data is None:
        return None
    return {
        "eci": data.eci,
        "authentication_value": data.authentication_value,
        "ds_trans_id": data.ds_trans_id,
        "version": data.version,
        "server_trans_id": data.server_trans_id,
    }
