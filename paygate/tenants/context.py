"""Whose rows may be seen right now (safety.md TN-2, TN-3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

EVERY_TENANT: Final = 0  # merchants are numbered from 1

_current: ContextVar[int | None] = ContextVar("paygate_tenant", default=None)


class NoTenant(AssertionError):
    """Rows of merchants were asked for, and nobody said of which merchant."""


def current() -> int | None:
    """The merchant in context, `EVERY_TENANT`, or None."""
    return _current.get()


@contextmanager
def within(merchant_id: int) -> Iterator[None]:
    """See the rows of this merchant, and no others."""
    token = _current.set(merchant_id)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def across_tenants() -> Iterator[None]:
    """See everybody's rows: for signing in, for sweeps that then work merchant by merchant, for operators' commands."""
    token = _current.set(EVERY_TENANT)
    try:
        yield
    finally:
        _current.reset(token)


def as_setting() -> str:
    """The context as the database setting that row-level security reads: a number, `*`, or nothing."""
    merchant_id = _current.get()
    if merchant_id is None:
        return ""
    return "*" if merchant_id == EVERY_TENANT else str(merchant_id)
