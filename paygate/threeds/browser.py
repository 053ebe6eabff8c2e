"""The payer's browser at the bank: what it posts there, and what it brings back (safety.md 3D-1, 3D-3).

Nothing that it brings is believed: it only says that it is time to look.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from paygate.tenants.context import within
from paygate.threeds.message_log import note_message
from paygate.threeds.messages import Problem, build_creq, decode, encode, parse, validate
from paygate.threeds.models import Authentication, CompInd, Direction
from paygate.threeds.results import authentication_of, same_id
from paygate.threeds.server import CHALLENGE_SECONDS

FULL_PAGE: Final = "05"  # challengeWindowSize


def method_data(auth: Authentication, *, notification_url: str) -> str:
    """`threeDSMethodData` for the hidden frame that lets the bank look at the browser."""
    return encode(
        {"threeDSServerTransID": str(auth.server_trans_id), "threeDSMethodNotificationURL": notification_url}
    )


def note_method_done(method_data_form: str) -> UUID | None:
    """The bank has looked at the browser. Takes the posted `threeDSMethodData`; answers with the id, if it was ours and
    waiting, and else with None (safety.md 3D-3)."""
    raw = decode(method_data_form)
    body = raw if isinstance(raw, Problem) else parse(raw)
    auth = None if isinstance(body, Problem) else authentication_of(body.get("threeDSServerTransID"))
    if auth is None:
        return None
    with within(auth.merchant_id):
        waiting = Authentication.objects.filter(pk=auth.pk, asked_at=None, closed_at=None).exclude(
            method_url=""
        )
        return auth.server_trans_id if waiting.update(comp_ind=CompInd.YES) else None


def challenge_of(auth: Authentication, *, window_size: str = FULL_PAGE) -> tuple[str, str, str]:
    """Where the browser goes for the challenge, and what it posts there: address, `creq`, `threeDSSessionData`."""
    creq = build_creq(
        server_trans_id=str(auth.server_trans_id),
        acs_trans_id=str(auth.acs_trans_id),
        version=auth.message_version,
        window_size=window_size,
    )
    return auth.acs_url, encode(creq), encode({"id": str(auth.server_trans_id)})


def note_browser_return(cres: str, *, now: datetime) -> UUID | None:
    """The bank sent the browser back. Takes the posted `cres`; answers with the id if it is one that waits (3D-3).

    It only means "look now": the result in it is not read, and nothing but the moment is written. None means a plain
    page without detail.
    """
    raw = decode(cres)
    body = raw if isinstance(raw, Problem) else parse(raw)
    if isinstance(body, Problem) or validate(str(body.get("messageType")), body) is not None:
        return None
    if body["messageType"] not in ("CRes", "Erro"):
        return None
    auth = authentication_of(body.get("threeDSServerTransID"))
    if auth is None or not same_id(auth.acs_trans_id, body.get("acsTransID")) or not _is_waiting(auth, now):
        return None
    with within(auth.merchant_id):
        if Authentication.objects.filter(pk=auth.pk, browser_returned_at=None).update(
            browser_returned_at=now
        ):
            note_message(auth, Direction.RECEIVED, body, now=now)
    return auth.server_trans_id


def is_too_late(auth: Authentication, *, now: datetime) -> bool:
    """Did the payer's time at the bank pass without a result (safety.md 3D-1)?"""
    if not auth.was_challenged or auth.final_status or auth.answered_at is None:
        return False
    until = auth.answered_at + timedelta(seconds=CHALLENGE_SECONDS)
    return now > until and (auth.result_at is None or auth.result_at > until)


def _is_waiting(auth: Authentication, now: datetime) -> bool:
    """Is the payer at the bank's page, and has time left?"""
    if not auth.was_challenged or auth.final_status or auth.closed_at is not None or auth.answered_at is None:
        return False
    return now - auth.answered_at <= timedelta(seconds=CHALLENGE_SECONDS)
