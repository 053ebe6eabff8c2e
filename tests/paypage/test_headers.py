"""The headers and cookies of every kind of payment page (safety.md PP-2, PP-3)."""

import re
from collections.abc import Callable, Iterator

import pytest

from paygate.acquiring.simulator.faults import set_fault
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, VISA, Buyer
from tests.flows.page import Page
from tests.make.desks import Desk, desk

pytestmark = pytest.mark.django_db

OWN = {"frame-src": "'self'", "form-action": "'self'", "connect-src": "'self'"}
ENDED = OWN | {"frame-src": "'none'"}
AT_THE_BANK = {"frame-src": "'self' https:", "form-action": "'self' https:", "connect-src": "'self'"}


def opened(hotel: Desk) -> Buyer:
    carla = Buyer()
    carla.open(hotel.link())
    return carla


def choose(hotel: Desk) -> Page:
    return opened(hotel).page


def card(hotel: Desk) -> Page:
    return opened(hotel).to_card_form()


def wallet(hotel: Desk) -> Page:
    return opened(hotel).choose("TWINT")


def elsewhere(hotel: Desk) -> Page:
    carla = opened(hotel)
    carla.choose("TWINT")
    return carla.send(carla.page.form("data-pay"))


def mistaken(hotel: Desk) -> Page:
    return opened(hotel).pay_by_card("1234")


def declined(hotel: Desk) -> Page:
    return opened(hotel).pay_by_card(DECLINED)


def paid(hotel: Desk) -> Page:
    return opened(hotel).pay_by_card(MASTERCARD)


def paid_before(hotel: Desk) -> Page:
    link = hotel.link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    return Buyer().open(link)


def aborted(hotel: Desk) -> Page:
    return opened(hotel).cancel()


def failed(hotel: Desk) -> Page:
    carla = opened(hotel)
    carla.pay_by_card(DECLINED)
    return carla.cancel()


def checking(hotel: Desk) -> Page:
    set_fault("AUTH", "drop_after_commit")
    return opened(hotel).pay_by_card(MASTERCARD)


def not_found(hotel: Desk) -> Page:
    return Buyer().open("/SecurePayGate/Payment/100001/17000011/nosuch")


def without_token(hotel: Desk) -> Page:
    carla = opened(hotel)
    form = carla.to_card_form().form("data-pay")
    return carla.send(form, form_token="x")


def looking(hotel: Desk) -> Page:
    return opened(hotel).pay_by_card(VISA, carry_on=False)


def challenge(hotel: Desk) -> Page:
    return opened(hotel).pay_by_card(ASKED)


OWN_PAGES = [
    choose,
    card,
    wallet,
    elsewhere,
    mistaken,
    declined,
    checking,
]
ENDS = [paid, paid_before, aborted, failed, not_found, without_token]
BANK_PAGES = [looking, challenge]
EVERY = [
    *((page, OWN) for page in OWN_PAGES),
    *((page, ENDED) for page in ENDS),
    *((page, AT_THE_BANK) for page in BANK_PAGES),
]
every_page = pytest.mark.parametrize(("show", "kind"), EVERY, ids=[show.__name__ for show, _ in EVERY])
Show = Callable[[Desk], Page]


def policy(page: Page) -> dict[str, str]:
    """The content security policy by its directives."""
    directives = (one.strip().partition(" ") for one in page.response["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in directives if name}


def nonces(page: Page) -> Iterator[str]:
    yield from re.findall(r"<script[^>]* nonce=\"([^\"]*)\"", page.html)


@every_page
def test_the_policy_of_each_page(show: Show, kind):
    page = show(desk())
    found = policy(page)

    (nonce,) = set(nonces(page))
    assert len(nonce) >= 16
    assert found["script-src"] == f"'nonce-{nonce}'"
    assert [found[name] for name in ("default-src", "base-uri", "object-src", "frame-ancestors")] == [
        "'none'"
    ] * 4
    assert found["style-src"] == "'self'"
    assert found["img-src"] == "'self' data:"
    assert {name: found[name] for name in kind} == kind
    whole = page.response["Content-Security-Policy"]
    assert not re.search(r"unsafe|strict-dynamic|\*|http:", whole)


@every_page
def test_no_page_is_kept_indexed_or_open_to_other_windows(show: Show, kind):
    response = show(desk()).response

    assert response["Cache-Control"] == "no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    allowed = response["Permissions-Policy"]
    assert "payment=(self)" in allowed
    for off in ("camera=()", "microphone=()", "geolocation=()", "usb=()"):
        assert off in allowed


@every_page
def test_no_page_has_a_script_a_handler_or_a_style_of_its_own(show: Show, kind):
    html = show(desk()).html

    assert re.findall(r"<script[^>]*>([^<]+)", html) == []
    assert not re.search(r"<[^>]+ (on\w+|style)=", html)
    assert "javascript:" not in html
    for address in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert address.startswith(("/", "?", "#", "http://localhost:8000/", "data:"))


@every_page
def test_no_page_holds_anything_of_a_card(show: Show, kind):
    page = show(desk())

    for number in (VISA, ASKED, MASTERCARD, DECLINED):
        assert number not in page.html
        assert number not in str(page.response.headers)


def test_the_nonce_is_fresh_each_time():
    link = desk().link()

    seen = {next(nonces(Buyer().open(link))) for _ in range(5)}

    assert len(seen) == 5


def test_the_pages_with_the_bank_hold_no_card_field():
    hotel = desk()

    for show in BANK_PAGES:
        page = show(hotel)
        assert all(
            form.field(name) is None for form in page.forms for name in ("cc-number", "cc-exp", "cc-csc")
        )


def test_the_page_in_our_hidden_frame_may_stand_there_and_nowhere_else():
    answer = Buyer().bank.post("/3ds/method", {"threeDSMethodData": "x"})

    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("door", ["/status", "/continue", "/cancel"])
def test_what_is_no_page_is_not_kept_either(door):
    hotel = desk()
    carla = opened(hotel)
    carla.pay_by_card(ASKED)
    url = carla.page.url + door

    answer = carla.client.get(url) if door == "/status" else carla.client.post(url, {"form_token": "x"})

    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]


def cookies(buyer: Buyer) -> dict[str, dict[str, object]]:
    """Each cookie with its flags."""
    return {
        name: {flag: cookie[flag] for flag in ("secure", "httponly", "samesite", "path", "domain")}
        for name, cookie in buyer.client.cookies.items()
    }


FLAGS = {"httponly": True, "samesite": "Lax", "path": "/", "domain": ""}


def test_cookies_of_a_demo_without_https():
    carla = opened(desk())
    carla.pay_by_card(ASKED)

    found = cookies(carla)

    assert len(found) == 2
    for name, flags in found.items():
        assert name.startswith("paygate-")
        assert flags == FLAGS | {"secure": ""}


def test_cookies_where_the_public_address_is_https(settings):
    settings.PAYGATE_PUBLIC_URL = "https://pay.example"
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    link = desk().link()
    carla = Buyer(origin="https://pay.example")
    carla.open(f"{link.path}?lang=de")
    carla.pay_by_card(ASKED)

    found = cookies(carla)

    assert len(found) == 3
    for name, flags in found.items():
        assert name.startswith("__Host-paygate-")
        assert flags == FLAGS | {"secure": True}
    assert carla.page.response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    carla.to_bank()
    carla.press("approve")
    assert carla.step == "paid"


def test_the_cookie_with_the_card_lasts_twenty_minutes_and_goes_with_the_payment():
    """safety.md CD-3."""
    carla = opened(desk())
    carla.pay_by_card(ASKED)
    (name,) = [name for name in carla.client.cookies if "card" in name]
    assert carla.client.cookies[name]["max-age"] == 20 * 60

    carla.to_bank()
    carla.press("approve")

    assert carla.client.cookies[name].value == ""
    assert carla.client.cookies[name]["max-age"] == 0


def test_payers_pages_set_no_cookie_of_the_back_office():
    """safety.md PP-1."""
    carla = opened(desk())
    carla.pay_by_card(MASTERCARD)

    assert {name for name in carla.client.cookies if "card" not in name} == {"paygate-payer"}


def test_a_stranger_who_finds_nothing_gets_no_cookie():
    buyer = Buyer()

    buyer.open("/SecurePayGate/Payment/100001/17000011/nosuch")

    assert not buyer.client.cookies
