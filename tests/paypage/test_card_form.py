"""The card form: what is wrong is said beside its field, nothing of a card is shown again, nothing sent is believed."""

import re
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.merchants.reach import system
from paygate.offers.change import change_offer, terms_of
from tests.flows.buyer import ASKED, CODE, MASTERCARD, VISA, Buyer
from tests.flows.page import Form
from tests.make.desks import Link, desk
from tests.make.money import chf, eur

pytestmark = pytest.mark.django_db

GOOD = {"number": MASTERCARD, "expiry": "12/30", "code": CODE}


def at_the_form(**terms: Any) -> tuple[Link, Buyer, Form]:
    """Carla stands before the card form."""
    link = desk().link(**terms)
    carla = Buyer()
    carla.open(link)
    return link, carla, carla.to_card_form().form("data-pay")


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
    assert link.offer.attempts == 0


def test_all_mistakes_are_named_at_once():
    _, carla, form = at_the_form()

    carla.send(form, number="1", expiry="x", code="")

    assert all(error_at(carla, field) for field in ("number", "expiry", "code"))
    assert "Please check 3 things" in carla.page.words


def test_nothing_of_the_card_is_shown_again():
    """safety.md CD-10."""
    _, carla, form = at_the_form(payer_email="")

    carla.send(form, number="9030003150000007", expiry="11/31", code="57", email="carla@example.org")

    again = carla.page.form("data-pay")
    assert [again.values[name] for name in ("number", "expiry", "code")] == ["", "", ""]
    for typed in ("9030003150000007", "9030 0031 5000 0007", "11/31", 'value="57"'):
        assert typed not in carla.page.html
    assert again.values["email"] == "carla@example.org"
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


def test_an_address_is_asked_for_where_nobody_knows_one_and_the_confirmation_goes_there():
    link, carla, form = at_the_form(payer_email="")
    assert form.field("email") == "email"

    carla.send(form, **GOOD, email="carla@example.org")

    assert carla.step == "paid"
    assert [letter.recipient for letter in link.desk.letters if letter.kind == "confirmation"] == [
        "carla@example.org"
    ]


def test_an_address_that_is_none_is_named_and_begins_nothing():
    link, carla, form = at_the_form(payer_email="")

    carla.send(form, **GOOD, email="carla@example.org, eve@evil.example")

    assert error_at(carla, "email")
    assert link.attempts == []


def test_an_address_cannot_be_put_in_place_of_the_one_the_offer_went_to():
    link, carla, form = at_the_form()
    assert form.field("email") is None

    carla.send(form, **GOOD, email="eve@evil.example")

    assert {letter.recipient for letter in link.desk.letters if letter.kind == "confirmation"} == {
        "carla@example.org"
    }


@pytest.mark.parametrize("number", [MASTERCARD, ASKED])
def test_the_amount_that_is_shown_is_the_amount_that_is_asked_for_everywhere(number):
    """safety.md MO-7, INV-18: page, bank, acquirer and journal."""
    link, carla, form = at_the_form(amount=chf("1234.05"))
    assert "CHF 1,234.05" in carla.page.words.replace("\u00a0", " ")

    tampered = {
        "amount": "1.00",
        "amount_minor": "1",
        "currency": "JPY",
        "terminal": "17000099",
        "condition": "NONE",
    }
    carla.send(form, **GOOD | {"number": number}, **tampered)
    carla.carry_on()
    if carla.step == "challenge":
        carla.to_bank()
        assert "1,234.05" in carla.page.words
        carla.press("approve")

    assert carla.step == "paid"
    (row,) = ledger.listed()
    assert (row["amount"], row["currency"], row["terminal"]) == (123405, "CHF", "17000011")
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert (areq["purchaseAmount"], areq["purchaseCurrency"], areq["purchaseExponent"]) == (
        "123405",
        "756",
        "2",
    )
    assert link.entry.amount == chf("1234.05")


def test_a_currency_without_decimals_keeps_its_amount():
    from paygate.money.amount import Money

    link, carla, form = at_the_form(amount=Money(5000, "JPY"))

    carla.send(form, **GOOD)

    (row,) = ledger.listed()
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert (row["amount"], row["currency"], areq["purchaseExponent"]) == (5000, "JPY", "0")


def test_an_offer_that_changed_while_the_page_was_open_is_shown_anew_and_nothing_is_charged():
    """safety.md MO-8."""
    link, carla, form = at_the_form(amount=chf("49.90"))
    with link.desk.in_view():
        terms = terms_of(link.offer, now=clock.now())
        actor = system(link.desk.merchant.pk)
        dearer = {name: getattr(terms, name) for name in terms.__dataclass_fields__} | {
            "amount": chf("59.90")
        }
        change_offer(link.id, type(terms)(**dearer), by=actor, now=clock.now())

    carla.send(form, **GOOD)

    assert "The seller has changed this offer" in carla.page.words
    assert "CHF 59.90" in carla.page.words.replace("\u00a0", " ")
    assert "49.90" not in carla.page.words
    assert (link.attempts, link.offer.attempts, link.offer.claim, ledger.listed()) == ([], 0, "", [])
    carla.pay_by_card(MASTERCARD)
    assert (carla.step, link.entry.amount) == ("paid", chf("59.90"))


def test_a_currency_that_changed_while_the_page_was_open_is_asked_again_too():
    link, carla, form = at_the_form(amount=chf("49.90"))
    link.change(amount_minor=2000, currency="EUR", revision=2)

    carla.send(form, **GOOD)

    assert "€20.00" in carla.page.words.replace("\u00a0", " ") or "EUR 20.00" in carla.page.words.replace(
        "\u00a0", " "
    )
    assert link.attempts == []
    carla.pay_by_card(MASTERCARD)
    assert link.entry.amount == eur(20)


@pytest.mark.parametrize("token", ["", "0" * 64, "x", None])
def test_a_form_without_its_token_is_refused(token):
    """safety.md PP-10."""
    link, carla, form = at_the_form()
    fields = {**form.values, **GOOD, "form_token": token or ""}
    if token is None:
        del fields["form_token"]

    for door in (form.action, carla.page.form("data-cancel").action):
        carla.post(door, fields)
        assert carla.page.status == 403

    assert link.attempts == []


def test_a_token_from_another_offer_or_another_browser_is_refused():
    link, carla, form = at_the_form()
    other = link.desk.link()
    dario = Buyer()
    dario.open(other)
    dario.to_card_form()

    carla.post(
        form.action, {**form.values, **GOOD, "form_token": dario.page.form("data-pay").values["form_token"]}
    )
    assert carla.page.status == 403
    dario.post(form.action, form.values | GOOD)
    assert dario.page.status == 403

    assert link.attempts == []


def test_a_browser_that_refuses_cookies_is_told_so():
    link, carla, form = at_the_form()
    carla.client.cookies.clear()

    carla.send(form, **GOOD)

    assert carla.page.status == 403
    assert "cookies" in carla.page.words or "open the link again" in carla.page.words
    assert link.attempts == []


def test_the_forms_at_the_banks_door_carry_a_token_too():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    session = carla.page.url

    for door in ("continue", "cancel"):
        carla.post(f"{session}/{door}", {"form_token": "0" * 64})
        assert carla.page.status == 403

    assert link.attempt.state == "AUTHENTICATING"


def test_another_browser_with_the_sessions_address_can_neither_go_on_nor_cancel():
    link = desk().link()
    carla, thief = Buyer(), Buyer(address="203.0.113.9")
    carla.open(link)
    carla.pay_by_card(ASKED)
    session = carla.page.url
    thief.open(session)

    for form in list(thief.page.forms):
        if "creq" not in form.hidden:
            thief.send(form)

    assert link.attempt.state == "AUTHENTICATING"
    carla.to_bank()
    carla.press("approve")
    assert carla.step == "paid"


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_of_ten_megabytes_is_refused(content_type):
    link, carla, form = at_the_form()

    answer = carla.client.post(form.action, b"number=" + b"9" * 10_000_000, content_type=content_type)

    assert answer.status_code in {400, 403, 413}
    assert link.attempts == []


def test_a_file_in_place_of_a_form_is_written_nowhere(tmp_path, settings):
    """safety.md CD-12."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "uploads")
    link, carla, form = at_the_form()
    part = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        + b"9" * 5_000_000
        + b"\r\n--x--\r\n"
    )

    answer = carla.client.post(form.action, part, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 403
    assert link.attempts == []


def test_a_form_of_a_thousand_fields_is_refused():
    _, carla, form = at_the_form()

    answer = carla.client.post(
        form.action,
        "&".join(f"a{n}=1" for n in range(1000)),
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("holder", ["A" * 101, "A\x00B", "MAX 9030003150000007"])
def test_a_name_that_is_none_is_refused_like_any_other_field(holder):
    link, carla, form = at_the_form()

    carla.send(form, **GOOD, holder=holder)

    assert carla.page.status == 422
    assert "9030003150000007" not in carla.page.html
    assert link.attempts == []


@pytest.mark.parametrize(
    "typed", [{"number": "\x00"}, {"expiry": "\x00"}, {"code": "\x00"}, {"method": "\x00"}]
)
def test_a_zero_byte_in_a_field_is_one_more_mistake(typed):
    link, carla, form = at_the_form()

    carla.send(form, **GOOD | typed)

    assert carla.page.status in {200, 422}
    assert link.attempts == []


def test_a_cookie_that_is_not_ours_is_replaced_by_one_that_is():
    link = desk().link()
    carla = Buyer()
    for strange in ("x", "a" * 500, "\x00", "'; DROP TABLE"):
        carla.client.cookies["paygate-payer"] = strange
        carla.client.cookies["paygate-language"] = strange

        assert carla.open(link).status == 200

    assert carla.client.cookies["paygate-payer"].value != strange


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 400, "1.0"])
def test_a_form_without_a_proper_revision_begins_nothing(revision):
    link, carla, form = at_the_form()

    carla.send(form, **GOOD, revision=revision)

    assert carla.page.status < 500
    assert link.attempts == []


@pytest.mark.parametrize(
    "browser",
    [
        {"b_width": "-5", "b_height": "x", "b_depth": "99999999"},
        {"b_lang": "\x00\u202e<script>", "b_tz": "999999"},
        {"b_js": "", "b_lang": ""},
        {"b_lang": "x" * 5000, "b_tz": "٣"},
    ],
)
def test_whatever_the_browser_says_of_itself_the_bank_is_asked_properly(browser):
    """What a payer types into hidden fields cannot turn 3-D Secure off."""
    link, carla, form = at_the_form()

    carla.send(
        form, **GOOD, **{"b_js": "1", "b_tz": "0", "b_width": "1", "b_height": "1", "b_depth": "24"} | browser
    )

    assert carla.step == "paid"
    assert link.entry.liability_shift is True


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
