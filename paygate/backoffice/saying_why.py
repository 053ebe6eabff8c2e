"""A press that the rules of the trade say no to: the page it leads back to says why."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages

from paygate.backoffice.visit import Visit
from paygate.refusals import Kind, Refusal


@contextmanager
def saying_why_not(request: Visit) -> Iterator[None]:
    """A refusal becomes a message; what is not there, and what this person may not do, is answered as such."""
    try:
        yield
    except Refusal as refusal:
        if refusal.kind in {Kind.FORBIDDEN, Kind.NOT_FOUND}:
            raise
        messages.error(request, str(refusal))
