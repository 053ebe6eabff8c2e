"""What the steward can be asked: each function runs in its process, on the town's database."""

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from paygate import clock
from paygate.checkout.models import Attempt
from paygate.checkout.states import LIVE
from paygate.credentials import keep
from paygate.jobs.interface import tally
from paygate.jobs.models import Job
from paygate.jobs.registry import PERIODIC
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.lifecycle.models import Step
from paygate.links.models import LinkTotal
from paygate.mail.models import Mail
from paygate.merchants.licence import Feature
from paygate.merchants.models import Booking, Licence, Role, Terminal
from paygate.merchants.open_account import add_member
from paygate.merchants.reach import system
from paygate.money.amount import Money
from paygate.offers.models import Offer, Source
from paygate.operations import serve
from paygate.tenants.context import across_tenants, within
from paygate.tenants.models import Merchant
from paygate.uploads.check import check_some
from paygate.uploads.confirm import confirm
from paygate.uploads.models import Upload
from paygate.webhooks.models import Delivery
from tests.invariants import broken
from tests.make.desks import Desk, desk
from tests.make.visits import multi_use
from tests.uploads.files import good, uploaded

PASSWORD = "correct horse battery staple"

_numbers = count(1)


def a_link(amount: int = 4990, **terms: Any) -> dict[str, Any]:
    """A link of a new merchant: everything its terminal does at the acquirer is about this link."""
    return links(1, amount, **terms)[0]


def links(number: int, amount: int = 4990, **terms: Any) -> list[dict[str, Any]]:
    """Some links of one new merchant."""
    made = _desk()
    made.prefers(notify_url=terms.pop("notify_url", ""))
    if "booking" in terms:
        terms["booking"] = Booking(terms["booking"])
    some = [made.link(Money(amount, "CHF"), **terms) for _ in range(number)]
    return [
        {
            "id": str(link.id),
            "path": link.path,
            "customer": made.merchant.customer_id,
            "terminal": made.terminal.number,
        }
        for link in some
    ]


def a_multi_use_link(amount: int | None = None, **terms: Any) -> dict[str, Any]:
    """A link for many payments, of a new merchant; `amount` is fixed."""
    made = _desk()
    for name in ("largest", "most_total"):
        if name in terms:
            terms[name] = Money(terms[name], "CHF")
    if "booking" in terms:
        terms["booking"] = Booking(terms["booking"])
    link = multi_use(made, amount=None if amount is None else Money(amount, "CHF"), **terms)
    return {
        "id": str(link.id),
        "path": link.path,
        "customer": made.merchant.customer_id,
        "terminal": made.terminal.number,
    }


def a_program() -> dict[str, Any]:
    """A new merchant whose program speaks to us: everything at its terminal comes of that program."""
    made, password = _desk(), keep.new_password()
    with made.in_view():
        Licence.objects.create(merchant=made.merchant, features=[feature.value for feature in Feature])
        credential = keep.make(made.merchant, password=password, by="system", now=clock.now())
    return {
        "customer": made.merchant.customer_id,
        "terminal": made.terminal.number,
        "user": credential.user_name,
        "password": password,
    }


def entries_of(customer: str) -> list[dict[str, Any]]:
    """The journal of this merchant, oldest first."""
    with within(Merchant.objects.get(customer_id=customer).pk):
        return [_entry(entry) | {"type": entry.type} for entry in Entry.objects.order_by("pk")]


def many_stories(link: str) -> dict[str, Any]:
    """What the books say of one link for many payments."""
    with across_tenants():
        entries = Entry.objects.filter(multi_use_of=link, succeeded=True).order_by("pk")
        letters = Mail.objects.filter(about__in=[f"entry:{entry.transaction_id}" for entry in entries])
        totals = LinkTotal.objects.filter(link=UUID(link))
        return {
            "references": [entry.reference for entry in entries],
            "transactions": [entry.transaction_id for entry in entries],
            "amounts": [entry.amount_minor for entry in entries],
            "payers": [entry.payer_email for entry in entries],
            "confirmed": sorted(letters.filter(kind="confirmation").values_list("recipient", flat=True)),
            "notices": letters.filter(kind="notice").count(),
            "counted": [number for one in totals for number in (one.payments, one.sum_minor, one.held)],
            "states": [entry.state for entry in entries],
        }


def _desk() -> Desk:
    while True:
        number = next(_numbers)
        if not Merchant.objects.filter(customer_id=f"{100000 + number}").exists():
            return desk(f"{100000 + number}", f"{17000000 + number}")


def person(customer: str) -> dict[str, str]:
    """Somebody who may write offers for this merchant."""
    merchant = Merchant.objects.get(customer_id=customer)
    email = f"anna@{customer}.example"
    with within(merchant.pk):
        Licence.objects.create(merchant=merchant, features=[feature.value for feature in Feature])
        add_member(merchant, email=email, name="Anna", password=PASSWORD, role=Role.MANAGER, language="en")
    return {"email": email, "password": PASSWORD}


def an_upload(customer: str, rows: int) -> str:
    """A file of so many rows that somebody confirmed and nobody has worked on. Its id."""
    merchant = Merchant.objects.get(customer_id=customer)
    with within(merchant.pk):
        terminal = Terminal.objects.select_related("merchant").get()
        made = uploaded(terminal, good(rows))
        check_some(made.pk, now=clock.now(), go_on=lambda: True)
        made.refresh_from_db()
        confirm(made, whole=True, by=system(merchant.pk), now=clock.now())
    return str(made.pk)


def the_upload(upload: str) -> dict[str, Any]:
    """How far it is, and the references of the offers that came of it, each with the lines of its history."""
    with across_tenants():
        found = Upload.objects.get(pk=upload)
        offers = dict(
            Offer.objects.filter(source=Source.UPLOAD, merchant=found.merchant_id).values_list(
                "pk", "reference"
            )
        )
        steps = Step.objects.filter(merchant=found.merchant_id, subject="offers.Offer", cause="created")
        told = [
            offers[UUID(key)] for key in steps.values_list("subject_id", flat=True) if UUID(key) in offers
        ]
        return {
            "state": found.state,
            "created": found.created,
            "offers": sorted(offers.values()),
            "told": sorted(told),
        }


def story(link: str) -> dict[str, Any]:
    """What the books say of one link."""
    with across_tenants():
        offer = Offer.objects.get(pk=UUID(link))
        entries = list(Entry.objects.filter(single_use_of=link).order_by("pk"))
        letters = Mail.objects.filter(about__in=[f"entry:{entry.transaction_id}" for entry in entries])
        return {
            "offer": offer.state,
            "claim": offer.claim,
            "attempts": [
                str(attempt.state) for attempt in Attempt.objects.filter(offer=offer).order_by("pk")
            ],
            "entries": [_entry(entry) for entry in entries],
            "refunds": [
                _entry(entry) for entry in Entry.objects.filter(pays_back__in=entries).order_by("pk")
            ],
            "letters": [
                {
                    "kind": mail.kind,
                    "about": mail.about.removeprefix("entry:"),
                    "state": mail.state,
                    "id": str(mail.public_id),
                }
                for mail in letters
            ],
            "calls": [
                {"id": str(one.public_id), "state": one.state}
                for one in Delivery.objects.filter(
                    about__in=[f"entry:{entry.transaction_id}" for entry in entries]
                )
            ],
        }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "state": entry.state,
        "succeeded": entry.succeeded,
        "transaction_id": entry.transaction_id,
        "booked": entry.booked_minor,
        "movements": [
            {
                "kind": str(movement.kind),
                "state": movement.state,
                "request_id": movement.request_id,
                "period": movement.period.number if movement.period else None,
            }
            for movement in Movement.objects.filter(entry=entry).select_related("period").order_by("pk")
        ],
    }


def offers_of(customer: str) -> list[dict[str, Any]]:
    """What this merchant has written."""
    with within(Merchant.objects.get(customer_id=customer).pk):
        return [dict(row) for row in Offer.objects.values("id", "state", "reference", "sent_at")]


def offer_letters(customer: str) -> list[dict[str, Any]]:
    """The letters with links."""
    with within(Merchant.objects.get(customer_id=customer).pk):
        return [
            {"id": str(mail.public_id), "state": mail.state} for mail in Mail.objects.filter(kind="offer")
        ]


def periods(terminal: str) -> list[dict[str, Any]]:
    """The booking periods of a terminal, oldest first."""
    with across_tenants():
        rows = BookingPeriod.objects.filter(terminal__number=terminal).order_by("number")
        return [
            {
                "number": row.number,
                "state": row.state,
                "lines": [line.request_id for line in row.lines.all()],
                "totals": row.totals,
            }
            for row in rows
        ]


def minute() -> None:
    """What every minute brings. The workers do it too, but one of their two engines goes by the real clock alone."""
    for periodic in PERIODIC.values():
        if periodic.minutes == 1:
            periodic.function()


def web_command() -> list[str]:
    """The product's own command for its web server."""
    return serve.web_command("127.0.0.1")


def busy() -> int:
    """How many jobs are due or run at this moment."""
    now = clock.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
                " OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s)",
                [now],
            )
            return int(cursor.fetchone()[0])
    due = Job.objects.filter(state="QUEUED", due_at__lte=now).count()
    return due + Job.objects.filter(state="RUNNING", lease_until__gt=now).count()


def bury() -> None:
    """All workers are dead: let the time pass after which the queue notices, by the clock that it goes by."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '10 minutes'"
            )


def open_ends() -> list[str]:
    """What is still on its way, of all merchants."""
    with across_tenants():
        return [
            *(str(one) for one in Movement.objects.filter(state__in=["ASKED", "UNKNOWN", "ELSEWHERE"])),
            *(f"{one} to be looked at" for one in Movement.objects.exclude(look_again_at=None)),
            *(f"attempt {one.pk} {one.state}" for one in Attempt.objects.filter(state__in=LIVE)),
            *(str(one) for one in Mail.objects.exclude(state__in=["DONE", "GIVEN_UP"])),
            *(str(one) for one in Delivery.objects.exclude(state__in=["DONE", "GIVEN_UP"])),
            *(str(one) for one in Entry.objects.filter(state="AUTHORIZED", booking="AUTOMATIC")),
        ]


def judged() -> list[str]:
    """What breaks an invariant; and what must not be there once nothing is on its way."""
    wrong = [f"{one}: {what}" for one, whats in broken().items() for what in whats]
    with across_tenants():
        for entry in Entry.objects.filter(type="PAYMENT", succeeded=True).exclude(origin="PROGRAM"):
            letters = Mail.objects.filter(about=f"entry:{entry.transaction_id}")
            if sorted(letters.values_list("kind", flat=True)) != ["confirmation", "notice"]:
                wrong.append(f"{entry} has the letters {list(letters)}")
        wrong += [f"{mail} was given up" for mail in Mail.objects.filter(state="GIVEN_UP")]
    if tally()["FAILED"]:
        wrong.append(f"{tally()['FAILED']} jobs were given up")
    return wrong


ERRANDS: dict[str, Callable[..., Any]] = {
    errand.__name__: errand
    for errand in (
        a_link, links, a_multi_use_link, a_program, entries_of, many_stories, an_upload, the_upload, person, story,
        offers_of, offer_letters, periods, minute, web_command, busy, bury, open_ends,
        judged,
    )
}  # fmt: skip
