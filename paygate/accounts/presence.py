"""Where a person is signed in, for how long, and how that ends (safety.md AU-3)."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from paygate.accounts.models import Presence, User

IDLE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=8)
NOTED_EVERY: Final = timedelta(minutes=1)  # so that not each page writes

_KEY: Final = "presence"  # in the session: number of the row, when it began, when somebody was last seen


def begin(request: HttpRequest, user: User, *, address: str, now: datetime) -> None:
    """Somebody has signed in, in this browser."""
    if request.session.session_key is None:
        request.session.create()
    row = Presence.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        began_at=now,
        seen_at=now,
        address=address,
        browser=request.headers.get("User-Agent", "")[:300],
    )
    _remember(request, row.pk, now, now)


def _remember(request: HttpRequest, pk: int, began: datetime, seen: datetime) -> None:
    request.session[_KEY] = [pk, began.isoformat(), seen.isoformat(), request.session.session_key]


def still_here(request: HttpRequest, user: User, *, address: str, now: datetime) -> bool:
    """Is the sign-in of this browser still good? If not, it is over now: idle for 15 minutes, or 8 hours old."""
    known = request.session.get(_KEY)
    if known is None:
        begin(request, user, address=address, now=now)
        return True
    pk, began, seen = int(known[0]), datetime.fromisoformat(known[1]), datetime.fromisoformat(known[2])
    if now - seen > IDLE or now - began > LONGEST:
        end(request)
        return False
    if now - seen > NOTED_EVERY or known[3] != request.session.session_key:
        _remember(request, pk, began, now)
        Presence.objects.filter(pk=pk).update(
            seen_at=now, address=address, session_key=request.session.session_key or ""
        )
    return True


def end(request: HttpRequest) -> None:
    """Nobody is signed in here any more."""
    pk = presence_id(request)
    if pk is not None:
        Presence.objects.filter(pk=pk).delete()
    logout(request)


def presence_id(request: HttpRequest) -> int | None:
    """Which of the person's sign-ins this is."""
    known = request.session.get(_KEY)
    return int(known[0]) if known else None


def presences_of(user: User, *, now: datetime) -> QuerySet[Presence]:
    """Every browser in which this person is signed in, the last seen first."""
    here = Presence.objects.filter(user=user, seen_at__gt=now - IDLE, began_at__gt=now - LONGEST)
    return here.order_by("-seen_at", "-pk")


def sign_out(user_id: int, *, presence: int | None = None) -> int:
    """End one sign-in of this person, or all of them: the browser has to sign in anew. How many there were."""
    rows = Presence.objects.filter(user_id=user_id, **({"pk": presence} if presence is not None else {}))
    with transaction.atomic():
        keys = list(rows.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        rows.delete()
    return len(keys)


def forget(*, now: datetime) -> None:
    """Remove what ended without anybody signing out."""
    Presence.objects.filter(began_at__lte=now - LONGEST).delete()
    Presence.objects.filter(seen_at__lte=now - IDLE).delete()
    Session.objects.filter(expire_date__lt=now).delete()
