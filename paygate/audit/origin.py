"""From where the present request comes, and whose it is: told once by the entrance, written on every audit line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Origin:
    """One request. `person` is the e-mail address of whoever is signed in, once that is known."""

    address: str = ""
    request_id: str = ""
    person: str = ""


_NOWHERE: Final = Origin()  # a job, or an operator's command

_origin: ContextVar[Origin] = ContextVar("paygate_origin", default=_NOWHERE)


def origin() -> Origin:
    """Of the request that is being answered; empty outside of any."""
    return _origin.get()


@contextmanager
def coming_from(address: str, request_id: str) -> Iterator[None]:
    """What is done within is done by a request from this address."""
    token = _origin.set(Origin(address, request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def it_is(person: str) -> None:
    """From now on the request is this person's. Outside of a request it says nothing."""
    here = _origin.get()
    if here is not _NOWHERE:
        here.person = person
