"""Every call to the merchant's server in one list, with what came of it (behaviour.md E, safety.md OB-3, OB-4)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.merchants.models import Role
from paygate.webhooks.models import Delivery
from paygate.webhooks.outbox import call
from tests.backoffice.reading import rows, words
from tests.cast import somebody
from tests.make.journal import reservation

PAGE = reverse("backoffice:calls")


def told(anna, about: str, **now_is: object) -> Delivery:
    with transaction.atomic():
        made = call(
            "payment",
            "https://shop.example/paid?token=secret",
            about=about,
            merchant_id=anna.merchant.pk,
            now=clock.now(),
        )
    Delivery.objects.filter(pk=made.pk).update(**now_is)
    return made


@pytest.fixture
def payment(anna):
    return reservation(anna.terminal)


def test_each_call_has_its_line_with_status_answer_and_tries(anna, payment):
    told(anna, f"entry:{payment.transaction_id}", state="DONE", answer="200", answer_ms=21)
    told(anna, "session:7", state="GIVEN_UP", answer="503", answer_ms=9, tries=17)
    waits = clock.now() + timedelta(hours=1)
    told(anna, "session:8", answer="timeout", answer_ms=10_000, tries=2, next_try_at=waits)

    waiting, given_up, done = rows(anna.browser().get(PAGE))

    assert "https://shop.example" in done
    assert "Delivered" in done
    assert "answered with status 200" in done
    assert "17 tries failed" in given_up
    assert "Payment that came to nothing" in given_up
    assert "Trying again" in waiting
    assert "2 tries failed" in waiting
    page = anna.browser().get(PAGE).content.decode()
    assert reverse("backoffice:entry", args=[payment.transaction_id]) in page
    assert "secret" not in page, "the token is shown"


def test_it_is_narrowed_by_state_server_and_transaction(anna, payment):
    told(anna, f"entry:{payment.transaction_id}", state="DONE")
    told(anna, "session:7", state="GIVEN_UP", target="https://other.example")
    browser = anna.browser()

    assert len(rows(browser.get(f"{PAGE}?state=GIVEN_UP"))) == 1
    assert len(rows(browser.get(f"{PAGE}?q=other"))) == 1
    assert len(rows(browser.get(f"{PAGE}?q={payment.transaction_id}"))) == 1
    assert "No call fits these filters" in words(browser.get(f"{PAGE}?q=nobody"))


def test_what_was_given_up_is_called_again(anna):
    made = told(anna, "session:7", state="GIVEN_UP", answer="503", answer_ms=9, tries=17)
    path = reverse("backoffice:call_again", args=[made.public_id])

    said = words(anna.browser().post(path, follow=True))
    again = words(anna.browser().post(path, follow=True))

    assert "Your server is called again." in said
    assert "there is nothing to repeat" in again
    made.refresh_from_db()
    assert (made.state, made.tries) == ("QUEUED", 0)
    assert AuditLine.objects.filter(action="called again").count() == 1


def test_a_reader_sees_the_list_without_the_button(anna):
    made = told(anna, "session:7", state="GIVEN_UP")
    reader = somebody(anna.terminal, "Rita", Role.READER).browser()

    assert "Call again" not in words(reader.get(PAGE))
    assert reader.post(reverse("backoffice:call_again", args=[made.public_id])).status_code == 403


def test_strangers_calls_are_not_there(anna, carla):
    made = told(anna, "session:7", state="GIVEN_UP")

    assert "No calls yet" in words(carla.browser().get(PAGE))
    path = reverse("backoffice:call_again", args=[made.public_id])
    assert carla.browser().post(path).status_code == 404
