"""The card form: what is wrong is said beside its field, and nothing of a card is shown again."""

import re

import pytest

from paygate.acquiring.simulator import ledger
from paygate.money.amount import Money
from paygate.tenants.models import Merchant
from tests.flows.buyer import MASTERCARD, VISA, Buyer
from tests.make.desks import desk
from tests.make.money import chf
from tests.paypage.standing import GOOD, at_the_form

pytestmark = pytest.mark.django_db


def error_at(buyer: Buyer, field: str) -> str:
    """What is said beside a field."""
    found = re.search(rf'<p class="error" id="{field}-error">(.*?)</p>', buyer.page.html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("number", "", "Enter the card number."),
        ("number", "9030 0031 5000 0008", "a digit is wrong"),
        ("number", "9030003150000", "too few or too many digits"),
        ("number", "1234567890123452", "not known here"),
        ("number", "abcd", "digits only"),
        ("number", "9030003150000007" * 30, "too few or too many digits"),
        ("expiry", "", "08/29"),
        ("expiry", "13/30", "from 01 to 12"),
        ("expiry", "01/20", "has expired"),
        ("expiry", "12/99", "Check the year"),
        ("code", "", "Enter the security code."),
        ("code", "12", "3 or 4 digits"),
        ("code", "12345", "3 or 4 digits"),
        ("code", "12a", "3 or 4 digits"),
    ],
)
def test_each_mistake_is_named_beside_its_field_and_begins_nothing(field, typed, says):
    """safety.md CD-11."""
    link, carla, form = at_the_form()

    carla.send(form, **GOOD | {field: typed})

    assert (carla.page.status, carla.step) == (422, "card")
    assert says in error_at(carla, field)
    assert link.attempts == []


@pytest.mark.parametrize(
    "typed", ["4111 1111 1111 1111", "5555555555554444", "378282246310005", "4111 1111 1111 1112"]
)
def test_a_real_card_on_a_test_terminal_is_told_where_test_cards_are(typed, caplog):
    """safety.md TN-7: nobody's real number is sent on, kept or shown, and nobody is told that it was declined."""
    link, carla, form = at_the_form()

    carla.send(form, **GOOD | {"number": typed})

    said = error_at(carla, "number")
    assert said.startswith(
        "This is a test terminal. It takes no real cards, only test cards such as 9010 0031 5000 0001."
    )
    assert "docs/spec/sandbox.md" in said
    assert (carla.page.status, link.attempts, ledger.listed()) == (422, [], [])
    digits = typed.replace(" ", "")
    for place in (carla.page.html, caplog.text):
        assert not {typed, digits, digits[-4:]} & set(re.findall(r"[\d ]+", place))
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_where_no_test_cards_are_taken_none_is_named(settings):
    settings.PAYGATE_TEST_CARDS = False
    _link, carla, form = at_the_form()

    carla.send(form, **GOOD | {"number": "4111111111111111"})

    assert error_at(carla, "number") == "This is a test terminal. It takes no real cards."


def test_where_money_is_real_a_test_card_is_not_known():
    """safety.md TN-7, also where the installation takes test cards for other merchants."""
    link, carla, form = at_the_form()
    with link.desk.in_view():
        Merchant.objects.update(live=True)

    carla.send(form, **GOOD)

    assert error_at(carla, "number") == "This kind of card is not known here."
    assert link.attempts == []
    assert link.offer.attempts == 0


def test_all_mistakes_are_named_at_once():
    _, carla, form = at_the_form()

    carla.send(form, number="1", expiry="x", code="")

    assert all(error_at(carla, field) for field in ("number", "expiry", "code"))
    assert "Please check 3 things" in carla.page.words


def test_nothing_of_the_card_is_shown_again():
    """safety.md CD-10."""
    _, carla, form = at_the_form()

    carla.send(form, number="9030003150000007", expiry="11/31", code="57")

    again = carla.page.form("data-pay")
    assert [again.values[name] for name in ("number", "expiry", "code")] == ["", "", ""]
    for typed in ("9030003150000007", "9030 0031 5000 0007", "11/31", 'value="57"'):
        assert typed not in carla.page.html
    assert again.values["attempt_id"] != form.values["attempt_id"]


def test_a_corrected_form_pays():
    link, carla, form = at_the_form()
    carla.send(form, **GOOD | {"code": ""})

    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert len(link.attempts) == 1


@pytest.mark.parametrize(
    "typed", ["9030 0031 5000 0007", "9030-0031-5000-0007", " 9030003150000007 ", "9030 0031 50000007"]
)
def test_a_number_may_be_typed_as_it_is_printed(typed):
    link, carla, form = at_the_form()

    carla.send(form, **GOOD | {"number": typed})

    assert carla.step == "paid"
    assert link.entry.means == "903000xxxxxx0007"


def test_the_fields_carry_the_names_by_which_browsers_know_them():
    """safety.md CD-10, contract section 4."""
    _, carla, form = at_the_form()

    assert [form.field(name) for name in ("cc-number", "cc-exp", "cc-csc")] == ["number", "expiry", "code"]
    assert [form.values[name] for name in ("number", "expiry", "code")] == ["", "", ""]
    assert form.method == "post"
    for name in ("number", "expiry", "code"):
        assert f'<label for="{name}">' in carla.page.html
    assert carla.page.response["Cache-Control"] == "no-store"


def test_a_currency_without_decimals_keeps_its_amount():
    link, carla, form = at_the_form(amount=Money(5000, "JPY"))

    carla.send(form, **GOOD)

    (row,) = ledger.listed()
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert (row["amount"], row["currency"], areq["purchaseExponent"]) == (5000, "JPY", "0")


@pytest.mark.parametrize("holder", ["A" * 101, "A\x00B", "MAX 9030003150000007"])
def test_a_name_that_is_none_is_refused_like_any_other_field(holder):
    link, carla, form = at_the_form()

    carla.send(form, **GOOD, holder=holder)

    assert carla.page.status == 422
    assert "9030003150000007" not in carla.page.html
    assert link.attempts == []


def test_the_press_that_pays_says_how_much():
    _, carla, form = at_the_form(amount=chf("49.90"))

    button = form.button("data-pay")

    assert button is not None
    assert button.words.replace("\u00a0", " ") == "Pay CHF 49.90"


def test_a_visa_that_the_bank_wants_to_look_at_needs_its_cookie_alone():
    """The card is in no field of the page that waits for the bank."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)

    carla.pay_by_card(VISA, carry_on=False)

    assert carla.step == "wait"
    assert VISA not in carla.page.html
    assert {name for form in carla.page.forms for name in form.values} == {"threeDSMethodData", "form_token"}
