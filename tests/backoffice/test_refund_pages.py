"""Refunds through the pages: paid back alone, or by two people above the merchant's limit (safety.md AU-5, MO-6)."""

import pytest
from django.urls import reverse

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.acquiring.simulator.faults import set_fault
from paygate.audit.models import AuditLine
from paygate.cards.number import Card, CardNumber, Expiry
from paygate.journal.batch_close import close_batch
from paygate.journal.cancel import cancel
from paygate.journal.credit import Credit, credit
from paygate.journal.models import Entry, RefundProposal
from paygate.journal.states import EntryState
from paygate.merchants.models import Preferences, Role
from tests.backoffice.reading import error_at, rows, value_of, words
from tests.cast import Person, somebody
from tests.invariants import assert_invariants_hold
from tests.make.books import NOON, again, asked_of_acquirer, booking, refunded, wallet_reservation
from tests.make.journal import GOOD_VISA
from tests.make.money import chf, eur


def page_of(entry: Entry) -> str:
    return reverse("backoffice:entry", args=[entry.transaction_id])


def seen(entry: Entry) -> str:
    now = again(entry)
    return f"{now.state} {now.booked_minor} {now.refunded_minor}"


def press_refund(person: Person, entry: Entry, amount: str, **more: str):
    typed = {"refund-amount": amount, "seen": seen(entry), **more}
    return person.confirmed_browser().post(f"{page_of(entry)}refund/", typed, follow=True)


def press(person: Person, proposal: RefundProposal, button: str):
    path = f"{page_of(proposal.payment)}refund/{proposal.pk}/{button}/"
    return person.confirmed_browser().post(path, follow=True)


@pytest.fixture
def payment(anna) -> Entry:
    """Booked, and gone with the batch."""
    entry = booking(anna.terminal, chf(100), now=clock.now())
    close_batch(anna.terminal, by=anna.actor, now=clock.now())
    return entry


@pytest.fixture
def rosa(anna) -> Person:
    """She pays back, and nothing else."""
    return somebody(anna.terminal, "Rosa", Role.REFUNDER)


def test_a_payment_is_refunded_with_the_sum_in_the_button(anna, payment):
    page = anna.browser().get(page_of(payment))
    assert "Refund CHF 100.00" in words(page).replace("\u00a0", " ")
    assert value_of(page, "refund-amount") == "100.00"

    told = press_refund(anna, payment, "40")

    said = words(told).replace("\u00a0", " ")
    assert "CHF 40.00 refunded." in said
    assert "-CHF 40.00" in said.replace("CHF -", "-CHF ")
    back = Entry.objects.get(type="REFUND")
    assert told.redirect_chain[-1][0] == page_of(back)
    assert back.pays_back == payment
    again_seen = words(anna.browser().get(page_of(payment))).replace("\u00a0", " ")
    assert "Refund CHF 60.00" in again_seen
    assert "Refunds CHF 40.00" in again_seen
    assert_invariants_hold()


def test_too_much_is_refused_and_the_form_says_what_is_left(anna, payment):
    told = press_refund(anna, payment, "100.01")

    assert told.status_code == 422
    assert "at most what is left of the booking" in error_at(told, "refund-amount")
    assert asked_of_acquirer("REFUND") == []


def test_pressed_twice_it_is_refunded_once(anna, payment):
    before = seen(payment)
    press_refund(anna, payment, "30")

    told = press_refund(anna, payment, "30", seen=before)

    assert "This payment has changed meanwhile" in words(told)
    assert [row["amount"] for row in asked_of_acquirer("REFUND")] == [3000]


def test_who_signed_in_long_ago_shows_the_password_first(anna, payment):
    """safety.md AU-3."""
    told = anna.browser().post(f"{page_of(payment)}refund/", {"refund-amount": "1", "seen": seen(payment)})

    assert told.url.startswith("/account/reauthenticate/")
    assert asked_of_acquirer("REFUND") == []


def test_a_refunder_refunds_and_a_cashier_sees_no_button(anna, payment, rosa):
    cashier = somebody(anna.terminal, "Casimir", Role.CASHIER)

    assert "Refund CHF" not in words(cashier.browser().get(page_of(payment))).replace("\u00a0", " ")
    assert press_refund(cashier, payment, "10").status_code == 403
    assert "refunded" in words(press_refund(rosa, payment, "10"))


def test_without_an_answer_the_page_says_that_nothing_needs_doing(anna, payment):
    set_fault("REFUND", "drop_after_commit")

    told = words(press_refund(anna, payment, "100"))

    assert "We asked the acquirer and have no answer yet. Nothing needs doing." in told


def test_a_no_says_why(anna, payment):
    set_fault("REFUND", "soft_decline")

    told = words(press_refund(anna, payment, "100"))

    assert "The acquirer declined" in told
    assert again(payment).refunded_minor == 0


def test_a_refund_that_waits_is_booked_or_released_on_its_page(anna, payment):
    back = refunded(payment, chf(25), booked_at_once=False)
    said = words(anna.browser().get(page_of(back))).replace("\u00a0", " ")
    assert "Refund to be booked" in said
    assert "Cancel CHF 25.00" in said

    told = anna.browser().post(f"{page_of(back)}book/", {"amount": "25.00"}, follow=True)

    assert "Refunded" in words(told)
    assert again(back).state == EntryState.CAPTURED


def test_the_journal_lists_refunds_with_a_minus_and_finds_them_alone(anna, payment):
    refunded(payment, chf(25))
    journal = reverse("backoffice:journal")

    both = rows(anna.browser().get(journal))
    alone = rows(anna.browser().get(f"{journal}?type=REFUND"))
    payments = rows(anna.browser().get(f"{journal}?type=PAYMENT"))

    assert (len(both), len(alone), len(payments)) == (2, 1, 1)
    assert "Refunded" in alone[0]
    assert "-25.00" in alone[0].replace("\u2212", "-")
    file = b"".join(anna.browser().get(f"{journal}journal.csv?type=REFUND").streaming_content).decode()
    assert "-25.00" in file
    assert file.splitlines()[1].endswith("REFUND,")


def test_the_batch_takes_refunds_off_its_total(anna, payment):
    booking(anna.terminal, chf(80))
    refunded(payment, chf(25))

    said = words(anna.browser().get(reverse("backoffice:period", args=[anna.terminal.number, 2])))

    assert "Close now: CHF 55.00" in said.replace("\u00a0", " ")


def test_what_the_bank_pays_back_has_no_button(anna, payment):
    Entry.objects.filter(pk=payment.pk).update(method="IDEAL")

    said = words(anna.browser().get(page_of(payment)))

    assert "Refunds of this method of payment are made through your bank, not here." in said


def test_a_wallet_is_paid_back_too(anna):
    entry = wallet_reservation(anna.terminal, "TWINT")
    anna.browser().post(f"{page_of(entry)}book/", {"amount": "49.90"})

    assert "CHF 10.00 refunded." in words(press_refund(anna, entry, "10")).replace("\u00a0", " ")


class TestAboveTheLimit:
    """One person proposes, another confirms."""

    @pytest.fixture(autouse=True)
    def limit(self, anna) -> None:
        Preferences.objects.update_or_create(merchant=anna.merchant, defaults={"refund_limit": 50})

    def test_what_is_within_it_needs_nobody_else(self, anna, payment):
        assert "refunded" in words(press_refund(anna, payment, "50"))

    def test_it_is_only_proposed_and_not_confirmed_by_the_same_person(self, anna, payment):
        told = words(press_refund(anna, payment, "50.01")).replace("\u00a0", " ")

        assert "A second person has to confirm it." in told
        assert asked_of_acquirer("REFUND") == []
        told = words(press(anna, RefundProposal.objects.get(), "confirm"))
        assert "somebody else has to confirm it" in told
        assert asked_of_acquirer("REFUND") == []

    def test_the_second_person_confirms_it_once(self, anna, payment, rosa):
        press_refund(anna, payment, "60")
        said = words(rosa.browser().get(page_of(payment))).replace("\u00a0", " ")
        assert "Anna proposes to refund CHF 60.00." in said

        told = words(press(rosa, RefundProposal.objects.get(), "confirm")).replace("\u00a0", " ")
        press(rosa, RefundProposal.objects.get(), "confirm")

        assert "CHF 60.00 refunded." in told
        assert [row["amount"] for row in asked_of_acquirer("REFUND")] == [6000]
        actions = set(AuditLine.objects.values_list("action", flat=True))
        assert {"refund proposed", "payment refunded"} <= actions
        assert_invariants_hold()

    def test_it_is_turned_down_or_taken_back(self, anna, payment, rosa):
        press_refund(anna, payment, "60")
        told = words(press(rosa, RefundProposal.objects.get(), "turn-down"))

        assert "is not refunded" in told
        press_refund(anna, payment, "70")
        press(anna, RefundProposal.objects.get(ended_at=None), "turn-down")
        assert not RefundProposal.objects.filter(ended_at=None).exists()
        assert asked_of_acquirer("REFUND") == []

    def test_what_was_paid_back_meanwhile_is_not_paid_back_again(self, anna, payment, rosa):
        press_refund(anna, payment, "80")
        refunded(payment, chf(30))

        told = words(press(rosa, RefundProposal.objects.get(), "confirm"))

        assert "at most what is left of the booking" in told
        assert again(payment).refunded_minor == 3000

    def test_it_counts_in_whole_units_of_each_currency(self, anna):
        entry = booking(anna.terminal, eur(200))

        assert "proposed" in words(press_refund(anna, entry, "50.5"))


def test_the_owner_sets_the_limit_and_others_read_it(anna, beat):
    Preferences.objects.get_or_create(merchant=anna.merchant)
    people = reverse("backoffice:people")
    owner = anna.confirmed_browser()

    owner.post(f"{people}refund-limit", {"limit": "500"})
    assert Preferences.objects.get().refund_limit == 500
    assert owner.post(f"{people}refund-limit", {"limit": "-1"}).status_code == 422
    assert "above 500" in words(somebody(anna.terminal, "Aude", Role.AUDITOR).browser().get(people))
    owner.post(f"{people}refund-limit", {"limit": ""})

    assert Preferences.objects.get().refund_limit is None
    lines = AuditLine.objects.filter(action="refund limit").order_by("pk")
    assert [line.detail["limit"] for line in lines] == [
        {"old": None, "new": 500},
        {"old": 500, "new": None},
    ]


def test_a_canceled_refund_may_be_made_again(anna, payment):
    back = refunded(payment, chf(100))

    cancel(back.pk, by=anna.actor, now=NOON)

    assert "refunded" in words(press_refund(anna, payment, "100"))


def test_money_that_was_sent_to_a_card_pays_no_payment_back(anna):
    """behaviour.md I-7."""
    contract = Contract.objects.get(terminal=anna.terminal, method="VISA")
    card = Card(CardNumber.parse(GOOD_VISA), Expiry(2030, 12))
    made = credit(Credit(contract, card, chf(20)), by=anna.actor, now=clock.now()).entry

    page = words(anna.browser().get(page_of(made))).replace("\u00a0", " ")

    assert "Refund of no payment: sent to the card by itself" in page
    assert "Book this refund" in page
    anna.browser().post(f"{page_of(made)}book/", {"amount": "20.00"})
    assert again(made).state == EntryState.CAPTURED
