"""A retried request id gets the stored answer, whatever died in between (safety.md ID-1, ID-3, ID-4)."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from paygate import sealing
from paygate.api.error_names import RETRY, WireError, of_refusal
from paygate.api.models import AnsweredRequest
from paygate.refusals import Refusal
from paygate.tenants.kept import Given, KeptChange

KEPT: Final = timedelta(hours=24)
_LONGEST_WORK: Final = timedelta(seconds=100)  # a client waits no longer (behaviour.md A-11)
_LONGEST_WAIT: Final = 30.0  # seconds
_PAUSE: Final = 0.05  # seconds
_SECURITY_CODE: Final = "VerificationCode"

Answer = tuple[int, dict[str, Any]]  # status and body


def _this_one() -> QuerySet[AnsweredRequest]:
    return AnsweredRequest.objects.filter(pk=Given("pk", AnsweredRequest._meta.pk))


_NOTED: Final = KeptChange(_this_one, "about")
_ANSWERED: Final = KeptChange(_this_one, "status", "body")


@dataclass(frozen=True, slots=True)
class Errand:
    """The work of one request. It notes what it makes in the transaction that makes it."""

    row: AnsweredRequest | None = None  # none: nobody remembers this call

    @property
    def about(self) -> str:
        """What an earlier, interrupted run has made; empty if it made nothing."""
        return self.row.about if self.row else ""

    def note(self, about: str) -> None:
        """From here on a repeat reports this instead of beginning anew."""
        if self.row:
            self.row.about = about
            _NOTED.run({"about": about}, pk=self.row.pk)


def answered_once(
    call: str,
    request_id: str,
    body: Mapping[str, Any],
    *,
    merchant_id: int,
    is_retry: bool,
    now: datetime,
    work: Callable[[Errand], Answer],
) -> Answer:
    """The answer of `work`, which is done once for the same request within a day.

    Raises `WireError` for a retry whose body is another one. A refusal before anything was begun is not remembered.
    """
    mac = sealing.mac("api request", _canonical(body)).hex()
    if is_retry and _was_another(call, request_id, mac, since=now - KEPT):
        raise WireError("VALIDATION_FAILED", "RequestHeader.RequestId: used before with another body.")
    errand = _begin(call, request_id, mac, merchant_id=merchant_id, now=now)
    if not isinstance(errand, Errand):
        return errand
    assert errand.row
    try:
        status, told = work(errand)
    except (WireError, Refusal) as refused:
        error = of_refusal(refused) if isinstance(refused, Refusal) else refused
        if not errand.about:
            errand.row.delete()
            raise
        if error.behavior == RETRY:  # nobody knows yet how it ends: a repeat goes on with what was begun
            AnsweredRequest.objects.filter(pk=errand.row.pk).update(runs_until=now)
            raise
        status, told = error.status, error.as_wire()
    except Exception:
        AnsweredRequest.objects.filter(pk=errand.row.pk, status=None).update(
            runs_until=now
        )  # a repeat takes over
        raise
    _ANSWERED.run({"status": status, "body": told}, pk=errand.row.pk)
    return status, told


def forget(*, now: datetime) -> int:
    """Remove what is older than a day; how many."""
    return AnsweredRequest.objects.filter(begun_at__lt=now - KEPT).delete()[0]


def _begin(call: str, request_id: str, mac: str, *, merchant_id: int, now: datetime) -> Errand | Answer:
    same = {"merchant_id": merchant_id, "call": call, "request_id": request_id, "body_mac": mac}
    waited_until = time.monotonic() + _LONGEST_WAIT
    moment = now
    while True:
        try:
            with transaction.atomic():
                row = AnsweredRequest.objects.create(
                    **same, begun_at=moment, runs_until=moment + _LONGEST_WORK
                )
            return Errand(row)
        except IntegrityError:
            found = AnsweredRequest.objects.filter(**same).first()
        if found is None:
            continue  # its work was refused meanwhile, so it is ours now
        if found.begun_at <= now - KEPT:
            AnsweredRequest.objects.filter(pk=found.pk, begun_at=found.begun_at).delete()
            continue
        if found.status is not None:
            return found.status, found.body or {}
        if found.runs_until <= moment:
            taken = AnsweredRequest.objects.filter(pk=found.pk, status=None, runs_until=found.runs_until)
            if taken.update(runs_until=moment + _LONGEST_WORK):
                return Errand(found)
        if time.monotonic() >= waited_until:
            raise WireError(
                "TRANSACTION_IN_WRONG_STATE", "The same request is still being worked on.", behavior=RETRY
            )
        time.sleep(_PAUSE)
        moment = now + timedelta(seconds=_LONGEST_WAIT - (waited_until - time.monotonic()))


def _was_another(call: str, request_id: str, mac: str, *, since: datetime) -> bool:
    earlier = AnsweredRequest.objects.filter(call=call, request_id=request_id, begun_at__gt=since)
    return earlier.exists() and not earlier.filter(body_mac=mac).exists()


def _canonical(body: Mapping[str, Any]) -> bytes:
    """The same bytes for the same wish: order of members and the number of the try do not count."""
    told = _without_codes({name: value for name, value in body.items() if name != "RequestHeader"})
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _without_codes(value: Any) -> Any:
    """A security code is kept nowhere, not even within a keyed hash (safety.md CD-1)."""
    if isinstance(value, dict):
        return {name: _without_codes(inner) for name, inner in value.items() if name != _SECURITY_CODE}
    return [_without_codes(inner) for inner in value] if isinstance(value, list) else value
