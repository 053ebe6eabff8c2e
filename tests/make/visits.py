"""A multi-use link as its merchant sees it; everything is read afresh, within the merchant's own view."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry, Movement
from paygate.links.models import Link, LinkTotal
from tests.make.desks import Desk
from tests.make.links import a_link


@dataclass(frozen=True, slots=True)
class MultiUse:
    """One link, and what came of it."""

    desk: Desk
    id: UUID

    @property
    def path(self) -> str:
        place = f"{self.desk.merchant.customer_id}/{self.desk.terminal.number}"
        return f"/SecurePayGate/MultiUse/{place}/{self.id}"

    @property
    def link(self) -> Link:
        with self.desk.in_view():
            return Link.objects.select_related("terminal", "merchant").get(pk=self.id)

    @property
    def visits(self) -> list[Session]:
        with self.desk.in_view():
            return list(Session.objects.filter(link=self.id).order_by("pk"))

    @property
    def visit(self) -> Session:
        """The only one."""
        (visit,) = self.visits
        return visit

    @property
    def attempts(self) -> list[Attempt]:
        with self.desk.in_view():
            related = Attempt.objects.select_related("session", "authentication", "held_card", "entry")
            return list(related.filter(session__link=self.id).order_by("pk"))

    @property
    def entries(self) -> list[Entry]:
        with self.desk.in_view():
            found = Entry.objects.select_related("authentication").filter(multi_use_of=str(self.id))
            return list(found.order_by("pk"))

    @property
    def entry(self) -> Entry:
        """The only one."""
        (entry,) = self.entries
        return entry

    @property
    def movements(self) -> list[Movement]:
        with self.desk.in_view():
            return list(Movement.objects.filter(entry__multi_use_of=str(self.id)).order_by("pk"))

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        """By currency: how many payments, and how much."""
        with self.desk.in_view():
            return {one.currency: (one.payments, one.sum_minor) for one in self._rows() if one.payments}

    @property
    def held(self) -> int:
        """How many places are taken by payments that are not known yet."""
        with self.desk.in_view():
            return sum(one.held for one in self._rows())

    def _rows(self) -> list[LinkTotal]:
        return list(LinkTotal.objects.filter(link=self.id))

    def change(self, **columns: Any) -> None:
        """What the merchant or the time did to it, in one stroke."""
        with self.desk.in_view():
            Link.objects.filter(pk=self.id).update(**columns)


def multi_use(desk: Desk, **terms: Any) -> MultiUse:
    """An active link in CHF whose payers say how much, unless told otherwise."""
    return MultiUse(desk, a_link(desk.terminal, **terms).pk)
