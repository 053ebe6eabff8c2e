"""Carla's browser: opens a link, fills in what the page asks for, goes to her bank or her wallet and comes back.

It holds on to the marks of the pages only. Her bank's page stands on another site: what it posts to us carries none of
our cookies, as browsers do it.
"""

from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlencode, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.flows.page import Form, Page, read

VISA = "9010403104000000"  # recognised by the bank without being asked; the bank looks at the browser first
MASTERCARD = "9030003150000007"  # the same without the look
AMEX = "9070003150000008"
ASKED = "9010004950000001"  # Visa: the bank asks
LOOKED_AT = "9010004250000008"  # Visa: the bank looks at the browser, and then asks
REFUSED = "9010004350000007"  # Visa: the bank asks and refuses whatever is pressed
DECLINED = "9030403153150009"  # Mastercard: the bank says no to the money
CODE = "573"
FORM = "application/x-www-form-urlencoded"
SEEN_BY_SCRIPT = {
    "b_lang": "de-CH",
    "b_tz": "-60",
    "b_width": "1280",
    "b_height": "900",
    "b_depth": "24",
    "b_java": "0",
    "b_js": "1",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that went out, to be sent again."""

    url: str
    fields: dict[str, str]


class Addressed(Protocol):
    """What has an address: a link of either kind."""

    @property
    def path(self) -> str: ...


class Buyer:
    """One browser, with its cookies."""

    def __init__(
        self,
        *,
        origin: str = "http://localhost:8000",
        address: str = "192.0.2.7",
        language: str = "en",
        looks_at_browser: bool = True,
    ) -> None:
        self.origin = origin
        parts = urlsplit(origin)
        facts: dict[str, Any] = {
            "HTTP_HOST": parts.netloc,
            "REMOTE_ADDR": address,
            "HTTP_ACCEPT_LANGUAGE": language,
            "HTTP_USER_AGENT": "Mozilla/5.0 (Test)",
            "HTTP_ACCEPT": "text/html",
        }
        self.secure = parts.scheme == "https"
        self.client: Client = self._window(facts)
        self.bank: Client = self._window(
            facts
        )  # the same person at another site: none of our cookies go along
        self.looks_at_browser = looks_at_browser  # False: the bank's hidden frame never loads
        self.pages: list[Page] = []
        self.sent: list[Sent] = []

    def _window(self, facts: dict[str, Any]) -> Any:
        """Django's own client, with no network in between; or what behaves like it."""
        return Client(**facts)

    @property
    def page(self) -> Page:
        """What she sees now."""
        return self.pages[-1]

    @property
    def step(self) -> str:
        return self.page.step

    def open(self, link: Addressed | str) -> Page:
        """Type the address in, or click it in a letter."""
        return self._arrive(self._path(link if isinstance(link, str) else link.path))

    def reload(self) -> Page:
        """The same page again; every page of ours is the answer to a GET."""
        return self._arrive(self.page.url)

    def choose(self, method: str) -> Page:
        """Press one of the methods."""
        return self._arrive(urljoin(self.page.url, self.page.method_link(method)))

    def pay_by_card(self, number: str = VISA, *, carry_on: bool = True, **typed: str) -> Page:
        """Fill in the card form and press the button that pays."""
        self.to_card_form()
        form = self.page.form("data-pay")
        self.send(form, **card_fields(form, number, **typed))
        return self.carry_on() if carry_on else self.page

    def enter_details(self, **typed: str) -> Page:
        """Fill in what the page asks for, by the names under which browsers know its fields, and go on."""
        assert self.step == "address", f"the page {self.step} asks for nothing"
        form = next(form for form in self.page.forms if not form.button("data-cancel"))
        named = {form.field(name.replace("_", "-")): value for name, value in typed.items()}
        assert None not in named, f"the form lacks one of {', '.join(typed)}"
        return self.send(form, **{name: value for name, value in named.items() if name})

    def say_how_much(self, amount: str = "", *, email: str = "carla@example.org", **typed: str) -> Page:
        """Fill in the first page of a multi-use link."""
        assert self.step == "amount", f"the page {self.step} asks for no amount"
        form = next(form for form in self.page.forms if not form.button("data-cancel"))
        return self.send(form, amount=amount, email=email, **typed)

    def to_card_form(self) -> Page:
        """From the choice of methods, if there is one."""
        return self.choose("CARD") if self.step == "choose" and "CARD" in self.page.methods else self.page

    def pay_by(self, method: str) -> Page:
        """Choose a wallet, press the button that pays, and go where the page sends her."""
        self.choose(method)
        self.send(self.page.form("data-pay"))
        return self.to_wallet()

    def to_wallet(self) -> Page:
        """The page sends the browser on."""
        assert self.page.refresh, f"the page {self.step} sends nobody on"
        return self._arrive(self._path(self.page.refresh))

    def cancel(self) -> Page:
        """The way out on every page before the payment."""
        return self.send(self.page.form("data-cancel"))

    def to_bank(self) -> Page:
        """From our page to the bank's, which asks."""
        assert self.step == "challenge", f"no way to a bank on the page {self.step}"
        form = next(form for form in self.page.forms if "creq" in form.hidden)
        return self._at_the_bank(form, {})

    def press(self, action: str, *, come_back: bool = True) -> Page:
        """Approve, refuse or cancel on the bank's or the wallet's page, and go back to ours."""
        form = self.page.form("data-action", action)
        button = form.button("data-action", action)
        assert button is not None
        self._at_the_bank(form, {button.attributes["name"]: button.attributes["value"]})
        return self.come_back() if come_back else self.page

    def come_back(self) -> Page:
        """What the bank's last page does by itself."""
        if self.page.forms and "cres" in self.page.forms[0].hidden:
            self._at_the_bank(self.page.forms[0], {})
        return self.carry_on()

    def carry_on(self) -> Page:
        """What a page does by itself: let the bank look at the browser, send its half of the card, go on."""
        for _ in range(4):
            if self.step != "wait" or not self.page.forms:
                break
            for form in self.page.forms:
                if form.target:
                    self.look(form)
            self.send(next(form for form in self.page.forms if not form.target))
        return self.page

    def look(self, form: Form) -> None:
        """The hidden frame: the bank looks at the browser and tells us so."""
        assert form.target in [frame.get("name") for frame in self.page.frames]
        if self.looks_at_browser:
            answer = self._posted(self.bank, form.action, form.values)
            (done,) = read(form.action, answer).forms
            assert self._posted(self.bank, done.action, done.values).status_code == 200

    def send(self, form: Form, **typed: str) -> Page:
        """Send a form of ours, with what was typed."""
        fields = form.values | typed
        return self.post(urljoin(self.page.url, form.action), fields)

    def post(self, url: str, fields: dict[str, str]) -> Page:
        """Send fields to an address, as this browser."""
        self.sent.append(Sent(url, fields))
        return self._go_on(url, self._posted(self.client, url, fields))

    def send_again(self, sent: Sent | None = None) -> Page:
        """The same bytes again: a double click, a reload that resends, a recorded request."""
        again = sent or self.sent[-1]
        return self.post(again.url, again.fields)

    def clone(self) -> Self:
        """The same browser in another window: the same cookies."""
        other = type(self)(origin=self.origin)
        other.client.cookies = self.client.cookies
        return other

    def _at_the_bank(self, form: Form, pressed: dict[str, str]) -> Page:
        url = self._path(urljoin(self.page.url, form.action))
        return self._go_on(url, self._posted(self.bank, url, form.values | pressed))

    def _arrive(self, url: str) -> Page:
        return self._go_on(url, self.client.get(self._path(url), secure=self.secure))

    def _posted(self, browser: Client, url: str, fields: dict[str, str]) -> HttpResponse:
        answer = browser.post(self._path(url), urlencode(fields), content_type=FORM, secure=self.secure)
        assert isinstance(answer, HttpResponse)
        return answer

    def _go_on(self, url: str, response: Any) -> Page:
        """Follow redirects, each with this browser's cookies."""
        for _ in range(5):
            if response.status_code not in (301, 302, 303, 307, 308):
                break
            url = urljoin(self._path(url), response["Location"])
            response = self.client.get(self._path(url), secure=self.secure)
        assert isinstance(response, HttpResponse)
        self.pages.append(read(url, response))
        return self.page

    def _path(self, url: str) -> str:
        return url.removeprefix(self.origin)


def card_fields(form: Form, number: str, **typed: str) -> dict[str, str]:
    """What she types into a card form, by the names under which browsers know its fields."""
    wanted = {"cc-number": number, "cc-exp": "12/30", "cc-csc": CODE} | {
        name.replace("_", "-"): value for name, value in typed.items()
    }
    named = {form.field(known): value for known, value in wanted.items()}
    assert None not in named, f"the form lacks one of {', '.join(wanted)}"
    return SEEN_BY_SCRIPT | {name: value for name, value in named.items() if name}
