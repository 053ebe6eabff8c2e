"""Invariants of histories, walls, letters and stored text (safety.md 23): INV-10, 11, 14, 16, 20."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from django.db import connection, models
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Value, Window
from django.db.models.functions import Concat, Lag, Length

from paygate.cards.free_text import find_card_numbers
from paygate.cards.models import HeldCardKey
from paygate.checkout.finish import PAYMENT
from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import ATTEMPT_LIFE, BEFORE_MONEY, SESSION_LIFE, AttemptState
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.journal.states import ENTRY_LIFE, MOVEMENT_LIFE, PERIOD_LIFE
from paygate.lifecycle.models import Step
from paygate.lifecycle.moves import Lifecycle
from paygate.links.models import Link
from paygate.links.states import LIFE as LINK_LIFE
from paygate.mail.archive import AT_LEAST, raw
from paygate.mail.models import Mail
from paygate.mail.states import LIFE as MAIL_LIFE
from paygate.mail.states import MailState
from paygate.offers.models import Offer
from paygate.offers.states import LIFE as OFFER_LIFE
from paygate.operations.invariants_view import Broken, View, key_as_text
from paygate.sealing import NotOurs
from paygate.tenants.owned import TenantOwned
from paygate.tenants.walls import owned_models, references
from paygate.threeds.models import MessageLine
from paygate.uploads.models import Upload
from paygate.uploads.states import LIFE as UPLOAD_LIFE
from paygate.webhooks.models import Delivery
from paygate.webhooks.states import LIFE as DELIVERY_LIFE
from paygate.webhooks.states import DeliveryState

LIVES: Final[Mapping[type[TenantOwned], Lifecycle]] = {
    Offer: OFFER_LIFE,
    Link: LINK_LIFE,
    Session: SESSION_LIFE,
    Attempt: ATTEMPT_LIFE,
    Entry: ENTRY_LIFE,
    Movement: MOVEMENT_LIFE,
    BookingPeriod: PERIOD_LIFE,
    Mail: MAIL_LIFE,
    Delivery: DELIVERY_LIFE,
    Upload: UPLOAD_LIFE,
}

NEWEST_MESSAGES: Final = 20_000  # some hours of a busy installation; they are by far the most text
OPENED_TO_SEE: Final = 20  # of the newest letters, and of the others, at each look

# Made by chance, by us or by others: one in some ten thousand holds digits that would pass for a card number.
MADE_BY_CHANCE: Final = frozenset(
    {
        "request_id", "hash", "previous_hash", "content_hash", "sha256", "acquirer_reference", "card_fingerprint",
        "fingerprint", "browser", "token",
        "packet_id", "place", "hash_value", "only_one_of", "single_use_of", "multi_use_of", "subject_id", "claim",
        "transaction_id", "onward_url",
    }
)  # fmt: skip
DIGITS: Final = re.compile(r"\d(?:[\W_]{0,3}\d){12,}")
GAPS: Final = " -./_:,"  # between the digits of a number as people write it


def histories_hold_together(view: View) -> Iterator[Broken]:
    """INV-10: each step is in its table, and begins where the one before it ended."""
    lives = {model._meta.label: life for model, life in LIVES.items()}
    kinds = Step.objects.order_by().values_list("subject", "old", "new").annotate(n=Count("pk"))
    for subject, old, new, n in kinds:
        life = lives.get(subject)
        if life is None or new not in life.moves or (old != "" and not life.allows(old, new)):
            yield Broken(f"{n} steps of {subject} from {old or 'nothing'} to {new} are in no table", None)
    before = Window(
        Lag("new", default=Value("")),
        partition_by=[F("merchant"), F("subject"), F("subject_id")],
        order_by=F("pk").asc(),
    )
    torn = Step.objects.annotate(before=before).exclude(before=F("old")).order_by()
    for subject, subject_id, old, was, merchant_id in torn.values_list(
        "subject", "subject_id", "old", "before", "merchant_id"
    ):
        yield Broken(f"{subject} {subject_id} was moved from {old}, where it was not ({was})", merchant_id)


def states_are_those_of_the_history(view: View) -> Iterator[Broken]:
    """INV-10: a row is where its last step left it; one question over all tables with a life."""
    steps = Step._meta.db_table
    parts = []
    for model in LIVES:
        spelled = key_as_text(model) % {"expressions": "one.id"}
        last = (
            f"SELECT new FROM \"{steps}\" WHERE merchant_id = one.merchant_id AND subject = '{model._meta.label}'"
            f" AND subject_id = {spelled} ORDER BY id DESC LIMIT 1"
        )
        parts.append(
            f"SELECT '{model._meta.label}', {spelled}, state, merchant_id FROM \"{model._meta.db_table}\" one"
            f" WHERE state <> COALESCE(({last}), '')"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        for label, pk, state, merchant_id in cursor.fetchall():
            yield Broken(f"{label} {pk} is {state}, and its history ends elsewhere", merchant_id)


def a_success_has_its_letters(view: View) -> Iterator[Broken]:
    """INV-11: the payer whose address is known and who is to be told, and those the offer names, are written to.

    Whom the settings named at the time of a payment is written nowhere; letters are kept for a time.
    """
    about = Concat(Value("entry:"), OuterRef("entry__transaction_id"), output_field=CharField())
    letters = Mail.objects.filter(merchant=OuterRef("merchant"), about=about).order_by()
    rows = Attempt.objects.filter(state=AttemptState.PAID, ended_at__gt=view.now - AT_LEAST).filter(
        Q(session__confirm=True)
        & ~Q(session__payer_email="")
        & ~Q(offer__confirm=False)
        & ~Exists(letters.filter(kind="confirmation"))
        | ~Q(session__notify_emails=[]) & ~Exists(letters.filter(kind="notice"))
    )
    for entry, merchant_id in rows.order_by().values_list("entry_id", "merchant_id"):
        yield Broken(f"entry {entry} was paid, and a letter about it is missing", merchant_id)


def letters_are_delivered_or_due(view: View) -> Iterator[Broken]:
    """INV-11: and a copy is the same letter."""
    forgotten = Q(state=MailState.QUEUED, next_try_at__lte=view.forgotten_since)
    other = Q(copy_of__isnull=False) & (
        ~Q(sha256=F("copy_of__sha256")) | ~Q(about=F("copy_of__about")) | ~Q(size=F("copy_of__size"))
    )
    rows = Mail.objects.filter(forgotten | other).order_by()
    for pk, state, merchant_id in rows.values_list("pk", "state", "merchant_id"):
        yield Broken(
            f"mail {pk} ({state}) is delivered by nobody, or not the letter it is a copy of", merchant_id
        )


def calls_are_delivered_or_due(view: View) -> Iterator[Broken]:
    """INV-11: a merchant's server is told of successes only, each once; what is not delivered is due."""
    forgotten = Delivery.objects.filter(state=DeliveryState.QUEUED, next_try_at__lte=view.forgotten_since)
    for pk, merchant_id in forgotten.order_by().values_list("pk", "merchant_id"):
        yield Broken(f"delivery {pk} is made by nobody", merchant_id)
    payments = Delivery.objects.filter(kind=PAYMENT).order_by()
    name = Concat(Value("entry:"), F("transaction_id"), output_field=CharField())
    entries = Entry.objects.filter(succeeded=True, merchant=OuterRef("merchant")).order_by()
    successes = entries.annotate(name=name).filter(name=OuterRef("about"))
    for pk, merchant_id in payments.filter(~Exists(successes)).values_list("pk", "merchant_id"):
        yield Broken(f"delivery {pk} tells of no success", merchant_id)
    twice = payments.values("merchant_id", "about").annotate(n=Count("pk")).filter(n__gt=1)
    for row in twice:
        yield Broken(f"{row['about']} is told {row['n']} times", row["merchant_id"])


def letters_sent_are_in_the_archive(view: View) -> Iterator[Broken]:
    """INV-20: whole. The newest ones are opened to see, and some of the others at each hour, until all were."""
    letters = Mail.objects.filter(copy_of=None)
    shorter = letters.annotate(sealed=Length("message")).filter(sealed__lte=F("size")).order_by()
    for pk, merchant_id in shorter.values_list("pk", "merchant_id"):
        yield Broken(f"mail {pk} is not kept", merchant_id)
    hour = int(view.now.timestamp()) // 3600
    begin = hour * OPENED_TO_SEE % max(letters.count(), 1)
    opened = {
        *letters.order_by("-pk")[:OPENED_TO_SEE],
        *letters.order_by("pk")[begin : begin + OPENED_TO_SEE],
    }
    for mail in sorted(opened, key=lambda one: one.pk):
        try:
            kept = hashlib.sha256(raw(mail)).hexdigest() == mail.sha256
        except NotOurs:
            kept = False
        if not kept:
            yield Broken(f"mail {mail.pk} is kept and cannot be read", mail.merchant_id)


def no_text_holds_a_card_number(view: View) -> Iterator[Broken]:
    """INV-14, in the database, with one question for all tables; `paygate scan-cards` reads files.

    The database looks for enough digits in a row, apart from what may stand between those of one number. Of messages,
    which are only ever added, the newest are looked at.
    """
    on_postgresql = connection.vendor == "postgresql"
    matches, pattern = ("~", "[0-9]{13}") if on_postgresql else ("GLOB", f"*{'[0-9]' * 13}*")
    parts = []
    for model in owned_models():
        if model is Step:
            continue  # the longest table: states and words of ours, by people who stand in other tables too
        columns = [f"COALESCE(CAST(\"{column}\" AS TEXT), '')" for column in _free_texts(model)]
        if columns:
            words, table = " || '\n' || ".join(columns), model._meta.db_table
            inner = f'SELECT CAST(id AS TEXT) AS pk, merchant_id, {words} AS words FROM "{table}"'
            if model is MessageLine:
                inner += f' WHERE id > (SELECT MAX(id) FROM "{table}") - {NEWEST_MESSAGES}'
            digits = _without_gaps("words", on_postgresql=on_postgresql)
            parts.append(
                f"SELECT '{model._meta.label}', pk, merchant_id, words FROM ({inner}) one WHERE {digits} {matches} %s"
            )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [pattern] * len(parts))
        for label, pk, merchant_id, words in cursor.fetchall():
            if any(_holds_card_number(line) for line in words.split("\n")):
                yield Broken(f"{label} {pk} holds what looks like a card number", merchant_id)


def _holds_card_number(line: str) -> bool:
    """A whole line is looked at with care only where its digits alone would pass."""
    return any(find_card_numbers(digits) for digits in DIGITS.findall(line)) and bool(find_card_numbers(line))


def _without_gaps(text: str, *, on_postgresql: bool) -> str:
    if on_postgresql:
        return f"translate({text}, '{GAPS}', '')"
    for sign in GAPS:
        text = f"replace({text}, '{sign}', '')"
    return text


def _free_texts(model: type[models.Model]) -> list[str]:
    """Columns in which somebody's words may stand."""
    kinds = {"CharField", "TextField", "JSONField"}
    return [
        field.column or field.name
        for field in model._meta.concrete_fields
        if field.get_internal_type() in kinds and not field.choices and field.name not in MADE_BY_CHANCE
    ]


def cards_are_held_no_longer_than_needed(view: View) -> Iterator[Broken]:
    """INV-14: the key of a held card is destroyed when money was asked for, and when its time is over (CD-3)."""
    rows = Attempt.objects.filter(held_card__isnull=False).exclude(state__in=BEFORE_MONEY)
    for pk, merchant_id in (
        rows.exclude(held_card__sealed_key=b"").order_by().values_list("pk", "merchant_id")
    ):
        yield Broken(f"attempt {pk} needs its card no more, and the card is still held", merchant_id)
    old = HeldCardKey.objects.filter(expires_at__lte=view.forgotten_since).exclude(sealed_key=b"").order_by()
    for pk, merchant_id in old.values_list("pk", "merchant_id"):
        yield Broken(f"held card {pk} is held too long", merchant_id)


def nothing_refers_to_another_merchant(view: View) -> Iterator[Broken]:
    """INV-16: one question over every reference of every table (safety.md TN-1)."""
    parts = [
        f"SELECT '{model._meta.label}.{column}', CAST(one.id AS TEXT), one.merchant_id"
        f' FROM "{model._meta.db_table}" one JOIN "{target}" other ON other.id = one."{column}"'
        " WHERE other.merchant_id <> one.merchant_id"
        for model in owned_models()
        for column, target in references(model)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        for column, pk, merchant_id in cursor.fetchall():
            yield Broken(f"{column} of row {pk} leads to another merchant", merchant_id)
