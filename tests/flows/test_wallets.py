"""TWINT and PostFinance Pay: the payer goes to the wallet, decides there, and comes back; or does not."""

import pytest

from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.money.amount import Money
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.desks import Link, desk
from tests.make.money import chf

pytestmark = pytest.mark.django_db

WALLETS = pytest.mark.parametrize("wallet", ["TWINT", "POSTFINANCEPAY"])


def at_the_wallet(wallet: str, link: Link | None = None) -> tuple[Link, Buyer]:
    """Carla stands before the wallet's page."""
    link = link or desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by(wallet)
    return link, carla


@WALLETS
def test_a_link_is_paid_by_wallet(wallet):
    """SPG-FLOW-09, SPG-PAY-03."""
    link, carla = at_the_wallet(wallet)
    assert "CHF 49.90" in carla.page.words.replace("\u00a0", " ")
    assert link.state == "OPEN"

    carla.press("approve")

    assert carla.step == "paid"
    entry = link.entry
    assert (link.state, entry.state, entry.method, entry.means) == ("PAID", "AUTHORIZED", wallet, "")
    assert (entry.liability_shift, entry.authentication) == (False, None)
    assert [letter.kind for letter in link.desk.letters] == ["confirmation", "notice"]


@WALLETS
@pytest.mark.parametrize("action", ["refuse", "cancel"])
def test_a_payer_who_says_no_at_the_wallet_may_pay_otherwise(wallet, action):
    link, carla = at_the_wallet(wallet)

    carla.press(action)

    assert (carla.step, carla.page.is_declined) == ("choose", True)
    assert link.desk.letters == []
    assert (link.attempt.state, link.entry.state) == ("DECLINED", "DECLINED")
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


@WALLETS
def test_a_payer_who_cancels_at_the_wallet_is_told_so_and_not_that_it_was_declined(wallet):
    """safety.md OC-11: cancelled is a truth of its own."""
    link, carla = at_the_wallet(wallet)

    carla.press("cancel")

    assert "You canceled the payment. Nothing has been charged." in carla.page.words
    assert "declined" not in carla.page.words
    assert {"CARD", wallet} <= set(carla.page.methods)
    assert carla.cancel().step == "aborted"
    assert "Nothing has been charged" in carla.page.words
    assert [session.state for session in link.sessions] == ["ABORTED"]


def test_a_payer_who_was_refused_first_and_then_cancels_leaves_a_failed_visit():
    link, carla = at_the_wallet("TWINT")
    carla.press("refuse")
    carla.pay_by("TWINT")
    carla.press("cancel")

    assert carla.cancel().step == "failed"
    assert [session.state for session in link.sessions] == ["FAILED"]


def test_canceling_the_last_try_at_the_wallet_is_no_decline_either():
    link, carla = at_the_wallet("TWINT", desk().link(max_attempts=1))

    carla.press("cancel")

    assert (carla.step, link.state) == ("aborted", "DISABLED")
    assert "ask the seller for a new link" in carla.page.words
    assert "declined" not in carla.page.words


@WALLETS
def test_the_first_choice_at_the_wallet_counts(wallet):
    link, carla = at_the_wallet(wallet)
    page = carla.page
    carla.press("refuse")

    carla.pages.append(page)
    carla.press("approve")

    assert carla.page.is_declined
    assert link.state == "OPEN"


def test_a_payer_leaves_the_wallet_and_comes_back_by_the_link():
    link, carla = at_the_wallet("TWINT")

    carla.open(link)
    assert (carla.step, "confirm the payment on the next page" in carla.page.words) == ("wait", True)
    assert Buyer().open(link).step == "in-progress"
    carla.to_wallet()
    carla.press("approve")

    assert carla.step == "paid"
    assert len(link.attempts) == 1


def test_a_payer_who_approves_and_closes_the_window_has_paid(settings):
    link, carla = at_the_wallet("TWINT")
    form = carla.page.form("data-action", "approve")
    carla.client.post(carla.page.url, {"choice": "approve"})
    assert form.buttons
    assert link.state == "OPEN"

    settings.PAYGATE_CLOCK_OFFSET = "3"
    sweep()
    run_due()

    assert link.state == "PAID"
    assert carla.open(link).step == "paid"


def test_what_the_browser_brings_back_from_the_wallet_is_not_believed():
    link, carla = at_the_wallet("TWINT")
    token = link.attempt.session.token
    back = f"/vt2/api/PaymentPage/100001/17000011/{token}/return?status=approved"

    carla.open(back)
    carla.carry_on()

    assert carla.step == "wait"
    assert link.state == "OPEN"
    assert link.movements[0].state == "ELSEWHERE"


def test_opening_the_way_back_changes_nothing():
    link, carla = at_the_wallet("TWINT")
    carla.client.post(carla.page.url, {"choice": "approve"})
    back = f"/vt2/api/PaymentPage/100001/17000011/{link.attempt.session.token}/return"

    for look in (carla.client.get, carla.client.head, Buyer().client.get):
        assert look(back).status_code == 200

    assert link.movements[0].state == "ELSEWHERE"


def test_the_button_pressed_twice_asks_the_wallet_once():
    link, carla = at_the_wallet("TWINT")
    pressed = carla.sent[-1]

    carla.send_again(pressed)

    carla.to_wallet()
    carla.press("approve")
    assert carla.step == "paid"
    assert (len(link.attempts), len(ledger.listed())) == (1, 1)


@pytest.mark.parametrize("minor", [6651, 6661])
def test_twint_refuses_some_amounts_whatever_is_pressed(minor):
    link, carla = at_the_wallet("TWINT", desk().link(Money(minor, "CHF")))

    carla.press("approve")

    assert carla.page.is_declined


def test_a_wallet_is_asked_for_what_the_page_shows():
    """safety.md MO-7."""
    link = desk().link(chf("120.50"))
    carla = Buyer()
    carla.open(link)
    carla.choose("TWINT")

    carla.send(carla.page.form("data-pay"), amount="1", amount_minor="1", currency="EUR")
    carla.to_wallet()

    assert "CHF 120.50" in carla.page.words.replace("\u00a0", " ")
    carla.press("approve")
    assert link.entry.amount == chf("120.50")


def test_a_wallet_that_does_not_answer_is_no_refusal():
    set_fault("AUTH", "drop_after_commit")
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.choose("TWINT")

    carla.send(carla.page.form("data-pay"))

    assert "We are checking your payment" in carla.page.words
    assert link.attempt.state == "UNKNOWN"


def test_no_wallet_without_a_contract_and_no_card_by_the_wallets_door():
    link = desk(methods=("VISA", "TWINT")).link()
    carla = Buyer()
    carla.open(link)
    carla.choose("TWINT")
    form = carla.page.form("data-pay")

    for method in ("POSTFINANCEPAY", "VISA", "CARD", "NOSUCH", ""):
        carla.send(form, method=method)
        assert carla.step == "choose"

    assert link.attempts == []


def test_the_wallet_sends_the_browser_back_to_the_public_address():
    link, carla = at_the_wallet("TWINT")

    (row,) = ledger.listed()

    assert str(row["return_url"]).startswith("http://localhost:8000/vt2/api/PaymentPage/100001/17000011/")


def test_a_forged_host_does_not_send_the_payer_elsewhere(settings):
    settings.ALLOWED_HOSTS = ["*"]
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    form = carla.choose("TWINT").form("data-pay")

    carla.client.post(form.action, form.values, HTTP_HOST="evil.example")

    (row,) = ledger.listed()
    assert "evil.example" not in str(row["return_url"])


def later(settings, *seconds: int) -> None:
    """Time passes, and the jobs run."""
    for offset in seconds:
        settings.PAYGATE_CLOCK_OFFSET = str(offset)
        sweep()
        run_due()


def test_coming_back_again_and_again_uses_nothing_up(settings):
    """safety.md OC-5: a payer who reloads does not end the questions about her payment."""
    link, carla = at_the_wallet("TWINT")
    wallet_page = carla.page
    token = link.attempt.session.token
    for _ in range(20):
        carla.open(f"/vt2/api/PaymentPage/100001/17000011/{token}/return")
        carla.carry_on()
    assert link.movements[0].review_since is None

    carla.client.post(wallet_page.url, {"choice": "approve"})
    later(settings, 3, 70, 700)

    assert link.state == "PAID"


def test_a_wallet_left_alone_frees_the_link_in_the_end(settings):
    """The wallet does not wait for ever; what it says then is a certain no."""
    link, _carla = at_the_wallet("TWINT")

    later(settings, 3, 70, 700, 1700)
    assert (link.state, link.attempt.state) == ("OPEN", "AUTHORIZING")
    later(settings, 4400, 26000)

    assert (link.attempt.state, link.entry.state) == ("DECLINED", "DECLINED")
    other = Buyer()
    other.open(link)
    assert other.step == "choose"


def test_a_lost_answer_at_a_wallet_is_found_and_the_payer_goes_on_there(settings):
    set_fault("AUTH", "drop_after_commit")
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.choose("TWINT")
    carla.send(carla.page.form("data-pay"))
    assert carla.step == "wait"

    later(settings, 3, 20)
    carla.open(link)
    carla.to_wallet()
    carla.press("approve")

    assert carla.step == "paid"


def test_an_inquiry_that_fails_leaves_the_payer_at_the_wallet(settings):
    link, carla = at_the_wallet("TWINT")
    wallet_page = carla.page
    set_fault("INQUIRY", "refuse_connect")
    later(settings, 3)
    assert link.attempt.state == "AUTHORIZING"

    carla.client.post(wallet_page.url, {"choice": "approve"})
    later(settings, 30, 200)

    assert link.state == "PAID"
