"""Two people decide, through the pages, what nobody could find out (safety.md 2.1 REVIEW, AU-5)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.journal.batch_close import close_batch
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Decision, Entry, Kind, Movement
from paygate.journal.reconcile import reconcile
from paygate.journal.states import PeriodState
from paygate.merchants.models import Role, Terminal
from tests.backoffice.reading import error_at, words
from tests.cast import somebody
from tests.journal.test_reconcile import forgotten_there, orphan
from tests.make.books import again, booking, file_behind_our_back, the_movement
from tests.make.journal import reservation
from tests.make.money import chf
from tests.make.offers import offer
from tests.make.walk import pay

pytestmark = pytest.mark.django_db

LIST = "/backoffice/journal/review/"
SAID = {"verdict": "HAPPENED", "reason": "Called them at 10:15", "acquirer_reference": "A-77"}


@pytest.fixture
def dora(alpenblick):
    """A second manager."""
    return somebody(alpenblick, "Dora", Role.MANAGER)


def unanswered_booking(anna) -> Movement:
    entry = reservation(anna.terminal, chf(100))
    set_fault("CAPTURE", "drop_after_commit")
    capture(entry.pk, by=anna.actor, now=clock.now())
    movement = the_movement(entry, Kind.CAPTURE)
    Movement.objects.filter(pk=movement.pk).update(review_since=clock.now(), next_inquiry_at=None)
    return movement


def path_of(movement: Movement, deed: str = "") -> str:
    return f"{LIST}{movement.request_id}/{deed}"


def proposed(movement: Movement, person, **changes) -> Decision:
    person.browser().post(path_of(movement, "propose/"), SAID | changes)
    return Decision.objects.latest("pk")


def test_one_says_it_and_another_confirms(anna, dora):
    movement = unanswered_booking(anna)
    first, second = anna.browser(), dora.browser()
    assert "To decide" in words(first.get("/backoffice/"))
    assert "Booking" in words(first.get(LIST))

    noted = first.post(path_of(movement, "propose/"), SAID, follow=True)
    assert "Somebody else has to confirm it" in words(noted)
    assert Movement.objects.get(pk=movement.pk).is_under_review
    decision = Decision.objects.get()
    done = second.post(path_of(movement, "confirm/"), {"decision": decision.pk}, follow=True)

    assert "Decided: It is booked" in words(done)
    assert again(movement.entry).state == "CAPTURED"
    page = words(first.get(f"/backoffice/journal/{movement.entry.transaction_id}/"))
    assert "Called them at 10:15" in page
    assert "confirmed by Dora" in page
    assert "Nothing to decide" in words(first.get(LIST))


def test_who_said_it_cannot_confirm_it_but_take_it_back(anna):
    movement = unanswered_booking(anna)
    decision = proposed(movement, anna)

    page = anna.browser().get(path_of(movement))
    assert "/confirm/" not in page.content.decode()
    refused = anna.browser().post(path_of(movement, "confirm/"), {"decision": decision.pk}, follow=True)
    assert "somebody else has to confirm this" in words(refused)
    assert Movement.objects.get(pk=movement.pk).state == "UNKNOWN"
    anna.browser().post(path_of(movement, "turn-down/"), {"decision": decision.pk})

    decision.refresh_from_db()
    assert (decision.confirmed, decision.ended_by) == (False, anna.actor.name)


def test_what_is_turned_down_can_be_said_anew(anna, dora):
    movement = unanswered_booking(anna)
    decision = proposed(movement, anna)

    dora.browser().post(path_of(movement, "turn-down/"), {"decision": decision.pk})
    late = dora.browser().post(path_of(movement, "confirm/"), {"decision": decision.pk}, follow=True)

    assert "nothing to decide any more" in words(late)
    other = proposed(movement, dora, verdict="DID_NOT_HAPPEN")
    anna.browser().post(path_of(movement, "confirm/"), {"decision": other.pk})
    assert Movement.objects.get(pk=movement.pk).state == "DECLINED"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("verdict", "", "Choose what became of it"),
        ("verdict", "MAYBE", "Choose what became of it"),
        ("reason", "  ", "Say how you know"),
        ("reason", "card 9010003150000001", "card"),
        ("acquirer_reference", "x" * 65, "64"),
    ],
)
def test_what_does_not_do_is_said_beside_its_field(field, value, said, anna):
    movement = unanswered_booking(anna)

    page = anna.browser().post(path_of(movement, "propose/"), SAID | {field: value})

    assert page.status_code == 422
    assert said in error_at(page, field)
    assert not Decision.objects.exists()


def test_a_second_press_says_that_it_was_said(anna):
    movement = unanswered_booking(anna)
    proposed(movement, anna)

    again_ = anna.browser().post(path_of(movement, "propose/"), SAID, follow=True)

    assert "nothing to decide any more, or another decision waits" in words(again_)
    assert Decision.objects.count() == 1


def test_who_may_not_decide_reads_only(anna, beat, carla):
    movement = unanswered_booking(anna)

    page = beat.browser().get(path_of(movement))
    assert "Managers decide this" in words(page)
    assert beat.browser().post(path_of(movement, "propose/"), SAID).status_code == 403
    assert carla.browser().get(path_of(movement)).status_code == 404
    assert carla.browser().post(path_of(movement, "propose/"), SAID).status_code == 404
    assert anna.browser().get(f"{LIST}1-NEVER/").status_code == 404


def test_the_list_costs_the_same_for_many(anna):
    def statements() -> int:
        browser = anna.browser()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get(LIST)
        return len(asked)

    unanswered_booking(anna)
    one = statements()
    for _ in range(4):
        unanswered_booking(anna)

    assert statements() == one <= 20


def test_an_orphan_can_only_be_given_back(anna, dora):
    reservation(anna.terminal)
    orphan(anna)
    reconcile(anna.terminal, clock.now().date(), now=clock.now())
    movement = Movement.objects.get(request_id="1-LOST")

    page = words(anna.browser().get(path_of(movement)))
    assert "holds money that we know nothing of" in page
    decision = proposed(movement, anna, verdict="GIVE_BACK")
    dora.browser().post(path_of(movement, "confirm/"), {"decision": decision.pk})

    assert Movement.objects.filter(about=movement).exists()


def test_a_payment_that_the_acquirers_list_lacks_says_so_and_has_no_booking_form(anna):
    entry = reservation(anna.terminal)
    forgotten_there(entry)
    reconcile(anna.terminal, clock.now().date(), now=clock.now())

    page = anna.browser().get(f"/backoffice/journal/{entry.transaction_id}/")

    assert "list does not have this payment" in words(page)
    assert 'id="book"' not in page.content.decode()


def test_a_payment_that_is_being_given_back_says_so(anna):
    made = offer(anna.terminal)
    set_fault("AUTH", "partial_amount")
    pay(made, now=clock.now() - timedelta(seconds=1))
    entry = Entry.objects.get(single_use_of=str(made.pk))

    page = words(anna.browser().get(f"/backoffice/journal/{entry.transaction_id}/"))

    assert "We are giving it back" in page
    assert "approved for less than was asked" in page, "why there was no answer"


def test_a_terminal_gives_back_what_lost_its_shift_when_a_manager_wants_it(anna, beat):
    """safety.md 3D-9."""
    path = f"/backoffice/settings/terminals/{anna.terminal.number}/change"
    form = {"description": "Reception", "automatic_closing": "on", "cancel_without_shift": "on"}

    assert beat.browser().post(path, form).status_code == 403
    anna.confirmed_browser().post(path, form)

    assert Terminal.objects.get(pk=anna.terminal.pk).cancel_without_shift
    assert "payments are given back" in words(beat.browser().get(path.removesuffix("change")))


class TestABatchThatContradicts:
    """safety.md BA-3: the acquirer has another batch of this number."""

    @pytest.fixture
    def period(self, anna) -> BookingPeriod:
        elsewhere = booking(anna.terminal)
        file_behind_our_back(elsewhere, number=1)
        Movement.objects.filter(entry=elsewhere, kind=Kind.CAPTURE).update(period=None)
        booking(anna.terminal, chf(80))
        period = close_batch(anna.terminal, by=anna.actor, now=clock.now())
        assert period is not None
        return period

    def test_is_told_of_where_it_is_seen_and_cannot_be_filed_again_by_one_person(self, anna, period):
        browser = anna.browser()
        path = f"/backoffice/batches/{anna.terminal.number}/{period.number}/"

        for page in (browser.get("/backoffice/"), browser.get(path)):
            assert "Two people must decide" in words(page)
        assert "File again" not in words(browser.get(path))
        assert "Batch 1" in words(browser.get(LIST))
        assert "CHF 80.00" in words(browser.get(LIST)).replace("\u00a0", " ")

    @pytest.mark.parametrize(
        ("verdict", "said", "state"),
        [
            ("HAPPENED", "Decided: The acquirer has this batch", PeriodState.CLOSED),
            ("ASK_AGAIN", "The acquirer refused the batch again for the same reason", PeriodState.REFUSED),
        ],
    )
    def test_is_decided_by_two(self, anna, dora, period, verdict, said, state):
        path = f"{LIST}{anna.terminal.number}-{period.number}/"
        anna.browser().post(f"{path}propose/", {"verdict": verdict, "reason": "Mr. Huber looked it up"})

        asked = words(dora.browser().get(path)).replace("\u00a0", " ")
        decision = Decision.objects.get()
        done = dora.browser().post(f"{path}confirm/", {"decision": decision.pk}, follow=True)

        assert "Confirm CHF 80.00" in asked
        assert said in words(done)
        period.refresh_from_db()
        assert period.state == state
        page = words(anna.browser().get(f"/backoffice/batches/{anna.terminal.number}/{period.number}/"))
        assert "Mr. Huber looked it up" in page


def test_a_stale_page_confirms_only_what_it_showed(anna, dora):
    """Anna took her word back and said the contrary; Dora's page still shows the first."""
    movement = unanswered_booking(anna)
    first = proposed(movement, anna)
    anna.browser().post(path_of(movement, "turn-down/"), {"decision": first.pk})
    second = proposed(movement, anna, verdict="DID_NOT_HAPPEN")

    late = dora.browser().post(path_of(movement, "confirm/"), {"decision": first.pk}, follow=True)

    assert "nothing to decide any more" in words(late)
    second.refresh_from_db()
    assert second.ended_at is None
    assert Movement.objects.get(pk=movement.pk).is_under_review


@pytest.mark.parametrize("typed", ["", "0", "x", "99999999999999999999"])
def test_a_decision_that_never_was_confirms_nothing(anna, dora, typed):
    movement = unanswered_booking(anna)
    proposed(movement, anna)

    dora.browser().post(path_of(movement, "confirm/"), {"decision": typed})

    assert Movement.objects.get(pk=movement.pk).is_under_review


def test_what_was_confirmed_is_not_confirmed_twice(anna, dora):
    movement = unanswered_booking(anna)
    decision = proposed(movement, anna)
    browser = dora.browser()
    browser.post(path_of(movement, "confirm/"), {"decision": decision.pk}, follow=True)

    twice = browser.post(path_of(movement, "confirm/"), {"decision": decision.pk}, follow=True)

    assert "nothing to decide any more" in words(twice)
    assert again(movement.entry).booked_minor == 10000
    assert "Decided" in words(browser.get(path_of(movement)))


def test_the_sum_stands_in_the_button_only_where_money_moves(anna, dora):
    movement = unanswered_booking(anna)
    proposed(movement, anna, verdict="DID_NOT_HAPPEN")

    page = words(dora.browser().get(path_of(movement))).replace("\u00a0", " ")

    assert "Confirm Turn down" in page
    assert "Confirm CHF" not in page


def test_a_give_back_is_not_told_of_as_a_question_without_an_answer(anna):
    made = offer(anna.terminal, chf(70))
    set_fault("AUTH", "partial_amount")
    set_fault("REVERSAL", "drop_before_read", 100)
    pay(made, now=clock.now())
    run_due()

    page = words(anna.browser().get("/backoffice/")).replace("\u00a0", " ")

    assert "We are giving CHF 70.00 back" in page
    assert "have no answer yet" not in page


def test_a_payment_that_was_given_back_says_so_and_is_canceled(anna):
    made = offer(anna.terminal)
    set_fault("AUTH", "partial_amount")
    pay(made, now=clock.now())
    run_due()
    entry = Entry.objects.get(single_use_of=str(made.pk))

    page = words(anna.browser().get(f"/backoffice/journal/{entry.transaction_id}/"))

    assert "This payment was not kept. It is given back" in page
    assert "Timeline Given back" in page
    assert "Canceled" in words(anna.browser().get("/backoffice/journal/"))


@pytest.mark.parametrize(
    "path",
    ["", "1-NEVER/", "17000011-1/", "17000011-99999999999999999999/", "-1/", "confirm/", "1-NEVER/confirm/"],
)
def test_addresses_that_lead_nowhere_break_nothing(anna, path):
    assert anna.browser().get(f"{LIST}{path}").status_code in (200, 302, 404)


def test_the_page_of_a_case_asks_few_questions(anna, dora, django_assert_max_num_queries):
    movement = unanswered_booking(anna)
    for person in (anna, dora, anna):
        decision = proposed(movement, person)
        person.browser().post(path_of(movement, "turn-down/"), {"decision": decision.pk})
    browser = anna.browser()

    with django_assert_max_num_queries(20):
        browser.get(path_of(movement))
