"""Count, atomically, over all processes (safety.md section 11)."""

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.http import HttpRequest

from paygate.limits.models import Counter

RELAXED: Final = 1000  # PAYGATE_LIMITS=relaxed multiplies every limit by this


def hit(key: str, *, per: timedelta, now: datetime) -> int:
    """Count one more for this key in the current window; the count so far. One statement, no check before."""
    window = int(now.timestamp()) // int(per.total_seconds())
    expires_at = datetime.fromtimestamp((window + 1) * int(per.total_seconds()), UTC)
    table = Counter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" (key, "window", expires_at, hits) VALUES (%s, %s, %s, 1)'
            ' ON CONFLICT (key, "window") DO UPDATE SET hits = '
            f'"{table}".hits + 1 RETURNING hits',
            [
                hashlib.sha256(key.encode()).hexdigest(),
                window,
                connection.ops.adapt_datetimefield_value(expires_at),
            ],
        )
        hits: int = cursor.fetchone()[0]
    return hits


def forgive(key: str, *, per: timedelta, now: datetime) -> None:
    """Take one back that `hit` counted in the current window."""
    window = int(now.timestamp()) // int(per.total_seconds())
    Counter.objects.filter(key=hashlib.sha256(key.encode()).hexdigest(), window=window, hits__gt=0).update(
        hits=F("hits") - 1
    )


def hits_so_far(key: str, *, per: timedelta, now: datetime) -> int:
    """The count of this key in the current window, which stays as it is."""
    window = int(now.timestamp()) // int(per.total_seconds())
    named = hashlib.sha256(key.encode()).hexdigest()
    found = Counter.objects.filter(key=named, window=window).values_list("hits", flat=True).first()
    return found or 0


def is_too_many(hits: int, limit: int) -> bool:
    """Is this over the limit, as it is set for this installation?"""
    return hits > limit * (RELAXED if settings.PAYGATE_LIMITS == "relaxed" else 1)


def client_address(request: HttpRequest) -> str:
    """Where the request came from, by the configured number of trusted proxies, never by a raw header (CT-4).

    IPv6 addresses are shortened to their network, because one household has a whole one.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.PAYGATE_TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        address = hops[-proxies] if len(hops) >= proxies else address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:  # a server that listens on both names everybody so
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False).network_address)
    return str(parsed)


def forget(*, now: datetime) -> int:
    """Remove counters whose window is over."""
    return Counter.objects.filter(expires_at__lt=now).delete()[0]
