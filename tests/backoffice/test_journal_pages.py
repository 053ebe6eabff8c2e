"""The journal and its batches through their pages."""

import pytest
from django.urls import reverse

from paygate import clock
from paygate.accounts.models import User
from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Entry
from paygate.journal.states import EntryState, PeriodState
from paygate.simulation.faults import Mode
from tests.backoffice.reading import error_at, rows, value_of, words
from tests.cast import a_terminal
from tests.make.books import wallet_reservation
from tests.make.journal import DECLINED_VISA, reservation
from tests.make.money import chf, eur


def path_of(entry, name="entry"):
    return reverse(f"backoffice:{name}", args=[entry.transaction_id])


def test_a_reservation_shows_its_facts_and_the_sum_in_the_button(anna):
    entry = reservation(anna.terminal, chf(100))

    page = anna.browser().get(path_of(entry))

    said = words(page).replace("\u00a0", " ")
    assert "Book CHF 100.00" in said
    assert "Cancel CHF 100.00" in said
    assert "901000xxxxxx0001" in said
    assert "No liability shift" in said
    assert value_of(page, "amount") == "100.00"


def test_of_a_declined_payment_nothing_is_called_reserved_and_nobody_bears_a_risk(anna):
    page = anna.browser().get(path_of(reservation(anna.terminal, chf("10.05"), card=DECLINED_VISA)))

    assert "Declined" in words(page)
    assert "Reserved" not in words(page)
    assert "the risk of fraud is yours" not in words(page)


@pytest.mark.parametrize(("amount", "is_forbidden"), [("10.05", False), ("10.43", True)])
def test_the_merchant_reads_what_the_buyer_does_not(anna, amount, is_forbidden):
    """safety.md OC-13, PP-7: that another try with this card is forbidden."""
    page = words(anna.browser().get(path_of(reservation(anna.terminal, chf(amount), card=DECLINED_VISA))))

    assert ("The bank forbids another try with this card." in page) is is_forbidden


def test_what_the_buyer_canceled_at_the_wallet_is_told_as_canceled_by_the_buyer(anna):
    entry = wallet_reservation(anna.terminal, "TWINT", choice="cancel")
    browser = anna.browser()

    story = words(browser.get(path_of(entry))).rpartition("Timeline")[2]
    (row,) = rows(browser.get(reverse("backoffice:journal")))

    assert "Canceled by the payer" in row
    assert "Canceled" in story
    assert "Declined" not in story


def test_a_buyer_who_is_at_the_wallet_is_not_a_question_without_an_answer(anna):
    page = words(anna.browser().get(path_of(reservation(anna.terminal, method="TWINT"))))

    assert "The buyer is on the wallet's page and has not answered there yet." in page
    assert "have no answer yet" not in page


def test_a_lowered_booking_is_booked(anna):
    entry = reservation(anna.terminal, chf(100))

    page = anna.browser().post(path_of(entry, "entry_book"), {"amount": "60"}, follow=True)

    entry.refresh_from_db()
    assert (entry.state, entry.booked_minor) == (EntryState.CAPTURED, 6000)
    said = words(page).replace("\u00a0", " ")
    assert "CHF 60.00 booked." in said
    assert "CHF 60.00 Booked of CHF 100.00 reserved" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("100.01", "at most what is reserved"),
        ("0", "more than zero"),
        ("-1", "negative"),
        ("x", "not an amount"),
        ("", "Enter an amount"),
        ("9010003150000001", "looks like a card"),
    ],
)
def test_what_cannot_be_booked_is_refused_at_the_field(anna, typed, said):
    entry = reservation(anna.terminal, chf(100))

    page = anna.browser().post(path_of(entry, "entry_book"), {"amount": typed})

    assert said in error_at(page, "amount")
    assert value_of(page, "amount") == ("" if typed.startswith("9010") else typed)
    assert "Book CHF" not in words(page).replace(
        "\u00a0", " "
    )  # the button promises no other sum than the field
    entry.refresh_from_db()
    assert entry.booked_minor == 0


def test_a_second_booking_is_told_it_is_too_late(anna):
    entry = reservation(anna.terminal, chf(100))
    browser = anna.browser()
    browser.post(path_of(entry, "entry_book"), {"amount": "100"})

    again = browser.post(path_of(entry, "entry_book"), {"amount": "100"}, follow=True)

    assert "There is no reservation to book" in words(again)
    assert Entry.objects.get().booked_minor == 10000


def test_a_reservation_is_canceled(anna):
    entry = reservation(anna.terminal)

    anna.browser().post(path_of(entry, "entry_cancel"), {"seen": "AUTHORIZED 0 0"})

    entry.refresh_from_db()
    assert entry.state == EntryState.CANCELED


def test_an_answer_that_never_came_is_said_as_it_is(anna):
    entry = reservation(anna.terminal)
    set_fault(Operation.CAPTURE, Mode.DROP_AFTER_COMMIT)

    page = anna.browser().post(path_of(entry, "entry_book"), {"amount": "49.90"}, follow=True)

    said = words(page).replace("\u00a0", " ")
    assert said.count("We asked the acquirer and have no answer yet. Nothing needs doing.") == 1
    assert "Booked –" in said
    assert "Book CHF" not in said
    entry.refresh_from_db()
    assert entry.state == EntryState.AUTHORIZED


def test_the_file_has_what_the_filters_let_through(anna):
    reservation(anna.terminal, reference="=SUM(A1)", description="Kept")
    reservation(anna.terminal, reference="other", description="Left out")

    response = anna.browser().get("/backoffice/journal/journal.csv?q=Kept")

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert "'=SUM(A1)" in lines[1]
    assert response["Content-Disposition"].startswith("attachment")


def test_a_day_in_a_filter_is_written_as_the_language_writes_days(anna):
    User.objects.filter(pk=anna.user.pk).update(language="de")

    page = anna.browser().get("/backoffice/journal/?made_from=2026-11-06")

    assert "6. Nov. 2026" in words(page)


def test_a_batch_shows_its_lines_and_a_sum_for_each_currency(anna):
    for amount in (chf(100), chf(20), eur(5)):
        capture(reservation(anna.terminal, amount).pk, by=anna.actor, now=clock.now())

    page = anna.browser().get(f"/backoffice/batches/{anna.terminal.number}/1/")

    said = words(page).replace("\u00a0", " ")
    assert "CHF 120.00" in said
    assert "EUR 5.00" in said
    assert len(rows(page)) == 3


def test_close_now_hands_the_batch_to_the_acquirer(anna):
    capture(reservation(anna.terminal).pk, by=anna.actor, now=clock.now())

    page = anna.browser().post(f"/backoffice/batches/{anna.terminal.number}/close/", follow=True)

    assert "The batch is closed, and the acquirer has it." in words(page)
    assert BookingPeriod.objects.get(number=1).state == PeriodState.CLOSED
    assert BookingPeriod.objects.get(number=2).state == PeriodState.OPEN


def test_an_empty_batch_is_not_closed(anna):
    page = anna.browser().post(f"/backoffice/batches/{anna.terminal.number}/close/", follow=True)

    assert "nothing to close" in words(page)


def test_the_file_of_a_batch_names_the_merchants_references(anna):
    capture(reservation(anna.terminal, reference="2026-0999").pk, by=anna.actor, now=clock.now())

    response = anna.browser().get(f"/backoffice/batches/{anna.terminal.number}/1/batch.csv")

    assert "2026-0999" in b"".join(response.streaming_content).decode()


def test_a_payment_without_a_reference_is_listed_by_its_transaction(anna):
    entry = reservation(anna.terminal)
    Entry.objects.filter(pk=entry.pk).update(reference="")

    (row,) = rows(anna.browser().get("/backoffice/journal/"))

    assert f"– {entry.transaction_id}" in row


def test_a_terminal_on_which_nothing_was_booked_is_in_the_batches_and_on_the_dashboard(anna):
    browser, idle = anna.browser(), "17740099"
    a_terminal(anna.merchant, idle, "Bar", VISA=("CHF",))
    capture(reservation(anna.terminal).pk, amount=chf("10"), by=anna.actor, now=clock.now())

    listed = rows(browser.get("/backoffice/batches/"))

    assert len(listed) == 2
    assert idle in listed[1]
    assert "Nothing booked yet" in listed[1]
    assert f"Open batch · {idle} – Nothing booked yet" in words(browser.get("/backoffice/"))


def test_an_empty_batch_promises_no_closing_on_the_dashboard(anna):
    """What is empty is not sent (safety.md BA-4)."""
    browser, booked = anna.browser(), reservation(anna.terminal)
    capture(booked.pk, by=anna.actor, now=clock.now())
    assert "1 booking · closes" in words(browser.get("/backoffice/"))

    browser.post(f"/backoffice/batches/{anna.terminal.number}/close/")

    assert f"Open batch · {anna.terminal.number} – Nothing booked yet" in words(browser.get("/backoffice/"))
