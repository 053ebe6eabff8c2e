"""What is sent is not believed: amounts, tokens, ids, bodies and cookies that the page did not make."""

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.merchants.reach import system
from paygate.offers.change import change_offer, terms_of
from tests.flows.buyer import ASKED, MASTERCARD, Buyer
from tests.make.desks import desk
from tests.make.money import chf, eur
from tests.paypage.standing import GOOD, at_the_form

pytestmark = pytest.mark.django_db


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


def test_an_offer_that_changed_while_the_page_was_open_is_shown_anew_and_nothing_is_charged():
    """safety.md MO-8."""
    link, carla, form = at_the_form(amount=chf("49.90"))
    with link.desk.in_view():
        terms = terms_of(link.offer, now=clock.now())
        actor = system(link.desk.merchant.pk)
        dearer = {name: getattr(terms, name) for name in terms.__dataclass_fields__} | {
            "amount": chf("59.90")
        }
        change_offer(link.id, type(terms)(**dearer), seen=1, by=actor, now=clock.now())

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
