"""The demo merchant: Hotel Alpenblick, with offers in every state (contract section 2).

May be run again: what is there stays, and there is always an open first link. Offers that are paid here were paid
through the simulator, as by a buyer.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from paygate import clock
from paygate.accounts.models import User
from paygate.acquiring.agree import Agreement, agree
from paygate.audit.chain import chain_all
from paygate.checkout.take_means import take_card
from paygate.credentials import keep
from paygate.credentials.models import Credential
from paygate.designs.change import Look, save_design
from paygate.designs.models import Design
from paygate.jobs.interface import run_due
from paygate.journal.capture import capture
from paygate.journal.models import Entry
from paygate.journal.refund import RefundWish, refund
from paygate.links.models import Link
from paygate.merchants.models import Booking, Member, Role, Terminal, TerminalKind
from paygate.merchants.open_account import Opening, add_member, open_account
from paygate.merchants.preferences import Wanted, change_preferences
from paygate.merchants.reach import Actor, actor_of, system
from paygate.merchants.terms_files import replace_terms
from paygate.money.amount import Money
from paygate.offers.change import disable
from paygate.offers.create import create_offer
from paygate.offers.link import link_of
from paygate.offers.models import Offer, OfferTemplate, Source
from paygate.offers.offer_templates import save_template
from paygate.offers.send import send_offer
from paygate.offers.terms import OfferTerms
from paygate.operations.demo_links import make_multi_use_link
from paygate.operations.demo_look import ACCENT, logo
from paygate.operations.demo_past import Happening, live_through
from paygate.operations.demo_pay import FRICTIONLESS, MASTERCARD, as_a_buyer, pressed
from paygate.operations.demo_templates import TEMPLATES
from paygate.operations.demo_terms import TERMS
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from paygate.threeds.liability import Condition

CUSTOMER: Final = "100001"
API_USER: Final = f"API_{CUSTOMER}_10000001"
ANNA: Final = "anna@alpenblick.example"
BEAT: Final = "beat@alpenblick.example"

TERMINALS: Final = {
    "spg": ("17000011", TerminalKind.SPG, "Reception"),
    "spg_eur": ("17000012", TerminalKind.SPG, "Groups in euro"),
    "ecom": ("17000021", TerminalKind.ECOM, "Web shop"),
}
CONTRACTS: Final = {
    "spg": [*[(brand, ["CHF", "EUR"]) for brand in ("VISA", "MASTERCARD", "AMEX", "DINERS")],
            ("TWINT", ["CHF"]), ("POSTFINANCEPAY", ["CHF"])],
    "spg_eur": [("VISA", ["EUR"]), ("MASTERCARD", ["EUR"])],
    "ecom": [("VISA", ["CHF", "EUR"]), ("MASTERCARD", ["CHF", "EUR"])],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One offer of the demo."""

    reference: str
    description: str
    minor: int
    days_ago: int
    ends: str  # OPEN, SENT, PAID, FILED, REFUNDED, BOOKED (today, and not filed yet), EXPIRED, DISABLED
    terminal: str = "spg"
    currency: str = "CHF"
    booking: Booking = Booking.FINAL
    language: str = "de"
    buyer: str = "max.muster@example.org"
    card: str = FRICTIONLESS


EXAMPLES: Final = (
    Example("2026-1041", "2 Nächte im Doppelzimmer, Anzahlung", 18000, 21, "FILED"),
    Example("2026-1042", "Bankett vom 12. November, Restbetrag", 243550, 20, "REFUNDED", card=MASTERCARD),
    Example(
        "2026-1047", "Acompte pour séminaire", 90000, 3, "BOOKED", language="fr", buyer="claire@example.org"
    ),
    Example("2026-1051", "Weekend in Zimmer 214", 49990, 6, "PAID", booking=Booking.PRE_AUTHORIZATION),
    Example("2026-1052", "Deposito per gruppo", 120000, 5, "PAID", "spg_eur", "EUR", language="it"),
    Example("2026-1053", "Gutschein Wellness", 15000, 4, "PAID", booking=Booking.AUTOMATIC),
    Example("2026-1039", "Silvestermenü für vier", 59600, 40, "EXPIRED"),
    Example("2026-1049", "Room 12, deposit", 20000, 15, "EXPIRED", "spg_eur", "EUR", language="en"),
    Example("2026-1050", "Parkplatz November", 8000, 8, "DISABLED"),
    Example("2026-1054", "Skipass 6 Tage, 2 Personen", 68400, 2, "SENT"),
    Example(
        "2026-1055",
        "Chambre double, première nuit",
        21000,
        1,
        "SENT",
        language="fr",
        buyer="claire@example.org",
    ),
    Example(
        "2026-1056", "Conference room, half day", 35000, 1, "OPEN", "spg_eur", "EUR", language="en", buyer=""
    ),
)
FIRST_REFERENCE: Final = "2026-1060"  # of the offer behind the first link


def make_demo(*, now: datetime) -> dict[str, Any]:
    """Create what is missing, write `demo.json`, and answer with what stands in it."""
    path = settings.PAYGATE_DATA / "demo.json"
    known = _known(path)
    merchant = Merchant.objects.filter(customer_id=CUSTOMER).first()
    if merchant is None:
        known["password"] = secrets.token_urlsafe(15)
        merchant = _open(known["password"], now=now)
    with within(merchant.pk):
        anna = actor_of(Member.objects.get(user__email=ANNA))
        past: list[Happening] = []
        if not Offer.objects.exists():
            past += [happening for example in EXAMPLES for happening in _make(example, anna, now=now)]
        if not OfferTemplate.objects.exists():
            _make_templates(anna, now=now)
        if not Link.objects.exists():
            past += make_multi_use_link(anna.terminal(TERMINALS["spg"][0]), anna, now=now)
        live_through(past, now=now)
        first = _first_link(merchant, anna, now=now)
        _make_credential(merchant, known["api_password"], now=now)
    run_due()  # its letters are there before anybody looks
    chain_all()  # its past is older than the log may wait
    facts = _facts(first, known)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(facts, indent=2) + "\n")
    part.replace(path)
    return facts


def _make_templates(anna: Actor, *, now: datetime) -> None:
    """What the reception sells again and again."""
    terminal = Terminal.objects.get(number=TERMINALS["spg"][0])
    for name, row in TEMPLATES.items():
        save_template(name, terminal, row, by=anna, now=now)


def _known(path: Path) -> dict[str, str]:
    """The secrets of an earlier run. Lost with the file, then new ones are set."""
    made = {"api_password": secrets.token_urlsafe(18), "password": ""}
    if path.exists():
        facts = json.loads(path.read_text())
        made = {"api_password": facts["api_password"], "password": facts["backoffice"]["password"]}
    user = User.objects.filter(email=ANNA).first()
    if user and not (made["password"] and user.check_password(made["password"])):
        made["password"] = secrets.token_urlsafe(15)
        for person in User.objects.filter(email__in=[ANNA, BEAT]):
            person.set_password(made["password"])
            person.save(update_fields=["password"])
    return made


def _make_credential(merchant: Merchant, password: str, *, now: datetime) -> None:
    """The credential of `demo.json`: made once; another password replaces it."""
    known = Credential.objects.filter(user_name=API_USER).first()
    if known and keep.is_password_of(known, password):
        return
    if known:
        known.delete()
    keep.make(merchant, password=password, user_name=API_USER, description="Demo", by="system", now=now)


def _open(password: str, *, now: datetime) -> Merchant:
    opening = Opening(
        customer_id=CUSTOMER,
        name="Hotel Alpenblick",
        owner_email=ANNA,
        owner_name="Anna Amstad",
        owner_password=password,
        terminal_number=TERMINALS["spg"][0],
        address="Seestrasse 12, 3800 Interlaken",
    )
    merchant = open_account(opening, now=now)
    with within(merchant.pk):
        for language, (name, content) in TERMS.items():  # a virus scanner may look at them first
            by = system(merchant.pk)
            replace_terms(merchant.pk, language=language, filename=name, content=content, by=by, now=now)
    with within(merchant.pk), transaction.atomic():
        add_member(
            merchant, email=BEAT, name="Beat Bühler", password=password, role=Role.MANAGER, language="de"
        )
        _set_up(merchant.pk, address=opening.address, now=now)
        if not Design.objects.exists():
            look = Look("Alpenblick", ACCENT, "humanist", logo())
            save_design(look, by=system(merchant.pk), now=now)
        for key, (number, kind, description) in TERMINALS.items():
            terminal, _ = Terminal.objects.update_or_create(
                merchant=merchant, number=number, defaults={"kind": kind, "description": description}
            )
            for method, currencies in CONTRACTS[key]:
                agree(terminal, Agreement(method, currencies, "simulator", f"SIM{number}", "400000"))
    return merchant


def _set_up(merchant_id: int, *, address: str, now: datetime) -> None:
    """The settings of Secure PayGate."""
    by = system(merchant_id)
    wanted = Wanted(
        notify_emails="reception@alpenblick.example",
        booking=Booking.FINAL,
        language="en",
        max_attempts=5,
        sender_local="reception",
        reply_to="reception@alpenblick.example",
        archive_email="archive@alpenblick.example",
        website="https://alpenblick.example",
        address=address,
    )
    change_preferences(merchant_id, wanted, by=by, now=now)


def _make(example: Example, anna: Actor, *, now: datetime) -> Iterator[Happening]:
    """One offer, paid where it says so; what is to be booked and paid back since."""
    begun = now - timedelta(days=example.days_ago, hours=3, minutes=example.minor % 50)
    number = TERMINALS[example.terminal][0]
    ends_early = example.ends == "EXPIRED"
    terms = OfferTerms(
        amount=Money(example.minor, example.currency),
        description=example.description,
        reference=example.reference,
        expires_at=begun + timedelta(days=7 if ends_early else 60),
        booking=example.booking,
        condition=Condition.ATTEMPTED if example.booking is Booking.AUTOMATIC else Condition.NONE,
        language=example.language,
        payer_email=example.buyer,
    )
    offer = create_offer(anna.terminal(number), terms, source=Source.BACKOFFICE, by=anna, now=begun)
    if example.ends not in {"OPEN", "DISABLED"} and example.buyer:
        send_offer(offer.pk, by=anna, now=begun + timedelta(minutes=2))
    if example.ends == "DISABLED":
        disable(offer.pk, by=anna, now=begun + timedelta(days=1))
    if example.ends in {"PAID", "FILED", "REFUNDED", "BOOKED"}:
        with clock.as_of(begun + timedelta(hours=2)) as paid_at:
            entry = _pay(offer, example.card, now=paid_at)
        yield from _since(entry, example, anna, paid_at=paid_at, now=now)


def _since(
    entry: Entry, example: Example, anna: Actor, *, paid_at: datetime, now: datetime
) -> Iterator[Happening]:
    if example.ends != "PAID" or example.booking is Booking.AUTOMATIC:
        booked_at = now if example.ends == "BOOKED" else paid_at + timedelta(hours=1)
        yield Happening(booked_at, partial(capture, entry.pk, by=anna))
    if example.ends == "REFUNDED":
        part = RefundWish(Money(entry.amount_minor // 10, entry.currency))
        yield Happening(paid_at + timedelta(days=2), partial(refund, entry.pk, part, by=anna))


def _pay(offer: Offer, number: str, *, now: datetime) -> Entry:
    """As a buyer would: with a card that passes 3-D Secure without a challenge."""
    press = pressed(offer.revision, offer.language)
    return as_a_buyer(lambda card: take_card(offer.pk, card, press, now=now), number, now=now)


def _first_link(merchant: Merchant, anna: Actor, *, now: datetime) -> str:
    """An offer that can be paid at once."""
    offers = Offer.objects.filter(reference=FIRST_REFERENCE, state="OPEN", claim="")
    offer = offers.filter(expires_at__gt=now + timedelta(days=1)).first()
    if offer is None:
        terms = OfferTerms(
            amount=Money(4990, "CHF"),
            description="Gift voucher for two: coffee and cake on the terrace",
            reference=FIRST_REFERENCE,
            expires_at=now + timedelta(days=30),
            payer_email="max.muster@example.org",
            max_attempts=0,
        )
        terminal = anna.terminal(TERMINALS["spg"][0])
        offer = create_offer(terminal, terms, source=Source.BACKOFFICE, by=anna, now=now)
        send_offer(offer.pk, by=anna, now=now)
    return link_of(offer, merchant, TERMINALS["spg"][0])


def _facts(first_link: str, known: dict[str, str]) -> dict[str, Any]:
    base = settings.PAYGATE_PUBLIC_URL
    return {
        "base_url": base,
        "api_url": f"{base}/api",
        "customer_id": CUSTOMER,
        "terminals": {key: number for key, (number, _, _) in TERMINALS.items()},
        "api_user": API_USER,
        "api_password": known["api_password"],
        "backoffice": {"url": f"{base}/backoffice/", "email": ANNA, "password": known["password"]},
        "first_link": first_link,
    }
