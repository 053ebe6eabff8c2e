"""A payment that its program booked in parts, as a clerk sees it (behaviour.md H-9 to 14)."""

import csv

import pytest
from django.urls import reverse

from paygate import clock
from paygate.journal.export import period_csv
from paygate.journal.models import Entry, Kind, Movement, RefundProposal
from paygate.journal.parts import PartWish, capture_part
from paygate.journal.refund import RefundWish, refund
from paygate.journal.states import EntryState
from paygate.merchants.models import Preferences, Role
from tests.backoffice.reading import error_at, value_of, words
from tests.backoffice.test_refund_pages import page_of, press, press_refund, seen
from tests.cast import Person, somebody
from tests.invariants import assert_invariants_hold
from tests.make.books import again, asked_of_acquirer, the_open_period
from tests.make.journal import reservation
from tests.make.money import chf


@pytest.fixture
def payment(anna) -> Entry:
    """CHF 100.00, of which the shop has booked CHF 40.00 and CHF 35.00."""
    entry = reservation(anna.terminal, chf(100), now=clock.now())
    for name, amount in (("shoes", chf(40)), ("hat", chf(35))):
        capture_part(entry.pk, PartWish(amount, name), by=anna.actor, now=clock.now())
    return again(entry)


def named(entry: Entry, name: str) -> Movement:
    return entry.movements.get(part=name)


def read(person: Person, entry: Entry) -> str:
    return words(person.browser().get(page_of(entry))).replace("\u00a0", " ")


def press_release(person: Person, entry: Entry, **more: str):
    typed = {"seen": seen(entry), **more}
    return person.confirmed_browser().post(f"{page_of(entry)}release/", typed, follow=True)


def test_what_is_booked_and_what_is_open_stands_on_the_page(anna, payment):
    page = read(anna, payment)

    assert "CHF 75.00 Booked in part of CHF 100.00 reserved" in page
    assert "1 shoes Approved" in page
    assert "2 hat Approved" in page
    assert "Still open CHF 25.00" in page
    assert "Cancel CHF" not in page
    assert "Book this reservation" not in page


def test_the_journal_says_how_much_is_booked(anna, payment):
    page = words(anna.browser().get(reverse("backoffice:journal"))).replace("\u00a0", " ")

    assert "Booked in part" in page
    assert "booked: CHF 75.00" in page


def test_the_rest_is_released_with_the_sum_in_the_button(anna, payment):
    assert "Release the rest: CHF 25.00" in read(anna, payment)

    told = words(press_release(anna, payment)).replace("\u00a0", " ")

    assert "CHF 25.00 released." in told
    assert "Still open" not in told
    assert "Release the rest" not in told
    assert again(payment).state == EntryState.CAPTURED
    assert_invariants_hold()


def test_what_changed_meanwhile_is_not_released(anna, payment):
    told = press_release(anna, payment, seen="AUTHORIZED 4000 0")

    assert "changed meanwhile" in words(told)
    assert asked_of_acquirer("CANCEL") == []


def test_released_twice_says_that_nothing_is_left(anna, payment):
    press_release(anna, payment)

    assert "There is no rest to release" in words(press_release(anna, payment))


def test_who_may_not_book_sees_no_button(anna, payment):
    rosa = somebody(anna.terminal, "Rosa", Role.REFUNDER)

    assert "Release the rest" not in read(rosa, payment)


def test_a_part_is_chosen_and_refunded(anna, payment):
    hat = named(payment, "hat")
    page = read(anna, payment)
    assert "Part 1 (shoes): CHF 40.00 left" in page
    assert "Part 2 (hat): CHF 35.00 left" in page

    told = words(press_refund(anna, payment, "30", **{"refund-part": str(hat.pk)})).replace("\u00a0", " ")

    assert "CHF 30.00 refunded." in told
    assert "Part 2 (hat)" in told
    assert Entry.objects.get(type="REFUND").pays_back_part == hat
    assert "Part 2 (hat): CHF 5.00 left" in read(anna, payment)
    assert_invariants_hold()


def test_a_part_that_is_refunded_is_not_offered(anna, payment):
    hat = named(payment, "hat")
    press_refund(anna, payment, "40", **{"refund-part": str(named(payment, "shoes").pk)})

    page = anna.browser().get(page_of(payment))

    assert value_of(page, "refund-part") == str(hat.pk)
    assert value_of(page, "refund-amount") == "35.00"


@pytest.mark.parametrize("chosen", ["", "999999", "x"])
def test_no_part_is_told_at_the_field(anna, payment, chosen):
    told = press_refund(anna, payment, "1", **{"refund-part": chosen})

    assert told.status_code == 422
    assert error_at(told, "refund-part")
    assert asked_of_acquirer("REFUND") == []


def test_more_than_the_part_is_told_at_the_amount(anna, payment):
    told = press_refund(anna, payment, "35.01", **{"refund-part": str(named(payment, "hat").pk)})

    assert "at most what is left of the booking: CHF 35.00" in error_at(told, "refund-amount").replace(
        "\u00a0", " "
    )


def test_two_people_refund_the_part_that_the_first_one_named(anna, payment):
    """safety.md AU-5."""
    Preferences.objects.update_or_create(merchant=payment.merchant, defaults={"refund_limit": 20})
    berta = somebody(anna.terminal, "Berta", Role.MANAGER)
    hat = named(payment, "hat")
    press_refund(anna, payment, "30", **{"refund-part": str(hat.pk)})
    assert "Part 2 (hat)" in read(berta, payment)

    press(berta, RefundProposal.objects.get(), "confirm")

    assert Entry.objects.get(type="REFUND").pays_back_part == hat
    assert_invariants_hold()


def test_each_part_is_a_line_of_the_batch_and_of_its_file(anna, payment):
    period = the_open_period(anna.terminal)
    page = words(anna.browser().get(reverse("backoffice:period", args=[anna.terminal.number, period.number])))
    lines = list(csv.DictReader(period_csv(period, "Europe/Zurich")))

    assert "CHF 40.00" in page.replace("\u00a0", " ")
    assert "hat" in page
    assert [(row["Booked"], row["Part"]) for row in lines] == [("40.00", "shoes"), ("35.00", "hat")]


def test_a_release_that_nobody_could_find_out_is_decided(anna, payment):
    """safety.md AU-5: in its own words."""
    press_release(anna, payment)
    movement = payment.movements.get(kind=Kind.RELEASE)
    Movement.objects.filter(pk=movement.pk).update(state="UNKNOWN", settled_at=None, review_since=clock.now())
    Entry.objects.filter(pk=payment.pk).update(state="AUTHORIZED")

    page = words(anna.browser().get(reverse("backoffice:review", args=[movement.request_id])))

    assert "The rest is released" in page
    assert "The rest is not released" in page


def test_the_button_and_the_field_of_a_refund_say_the_same_sum(anna, payment):
    page = anna.browser().get(page_of(payment))

    assert value_of(page, "refund-amount") == "40.00"
    assert "Refund CHF 40.00" in words(page).replace("\u00a0", " ")
    assert "At most what is left of the part." in words(page)


def test_what_is_left_of_one_part_is_refunded_although_another_gave_back_too_much(anna, payment):
    """I-5: a program may go beyond a part, and then the whole has nothing left."""
    wish = RefundWish(chf(75), part=named(payment, "shoes").pk, beyond=True)
    refund(payment.pk, wish, by=anna.actor, now=clock.now())

    page = anna.browser().get(page_of(payment))

    assert value_of(page, "refund-part") == str(named(payment, "hat").pk)
    assert value_of(page, "refund-amount") == "35.00"
