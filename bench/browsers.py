"""Payers and clerks as the server sees them: one kept connection each, cookies, and forms filled in from the page."""

import re
import select
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

CARD: Final = "9030003150000007"  # Mastercard; the bank recognises the payer without being asked
_HIDDEN: Final = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_FORM: Final = re.compile(r"<form\b.*?</form>", re.DOTALL)


class Unexpected(AssertionError):
    """The server answered something else than the walk needs: the figure would be of another walk."""


def reopen_what_was_closed(connection: HTTPConnection) -> None:
    """A server closes a connection that is idle for long; the end of it is there to be read."""
    if connection.sock is not None:
        poll = select.poll()
        poll.register(connection.sock, select.POLLIN)
        if poll.poll(0):
            connection.close()


class Browser:
    """One connection and its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("localhost", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def forget(self) -> None:
        """Another person at the same connection."""
        self.cookies.clear()

    def get(self, path: str, *, expected: int = 200) -> str:
        """One page."""
        return self._ask("GET", path, None, expected)[1]

    def post(self, path: str, fields: dict[str, str], *, expected: int) -> str:
        """Send a form; where the answer leads."""
        return self._ask("POST", path, urlencode(fields), expected)[0]

    def _ask(self, method: str, path: str, body: str | None, expected: int) -> tuple[str, str]:
        headers = {"Accept": "text/html", "Accept-Language": "en", "User-Agent": "Mozilla/5.0 (bench)"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        reopen_what_was_closed(self.connection)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != expected:
            raise Unexpected(f"{method} {path}: {answer.status} instead of {expected}")
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.headers.get("Location", ""), text


def open_link(browser: Browser, path: str) -> str:
    """Somebody opens a payment link for the first time."""
    browser.forget()
    page = browser.get(path)
    if "data-pay" not in page and "data-method" not in page:
        raise Unexpected("the link opened no page to pay on")
    return page


def pay(browser: Browser, path: str) -> None:
    """From the link to the receipt, by a card that needs no challenge."""
    form = next(one for one in _FORM.findall(open_link(browser, path)) if "data-pay" in one)
    fields = dict(_HIDDEN.findall(form)) | {
        "number": CARD,
        "expiry": "12/30",
        "code": "573",
        "holder": "Carla Keller",
        "b_lang": "de-CH",
        "b_tz": "-60",
        "b_width": "1280",
        "b_height": "900",
        "b_depth": "24",
        "b_java": "0",
        "b_js": "1",
    }
    receipt = browser.get(browser.post(f"{path}/pay", fields, expected=303))
    if 'data-step="paid"' not in receipt:
        raise Unexpected("the walk did not end on the receipt")


class Clerk:
    """A signed-in member, with the create form open."""

    NEW: Final = "/backoffice/offers/new/"

    def __init__(self, browser: Browser, session: str, terminal: str) -> None:
        self.browser, self.terminal = browser, terminal
        browser.cookies["paygate"] = session
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(self.NEW))
        assert found, "the create form has no token"
        self.token = found.group(1)

    def create_offer(self) -> None:
        """Send the form; each time as a form that was rendered anew."""
        fields = {
            "csrfmiddlewaretoken": self.token,
            "form_id": str(uuid4()),
            "terminal": self.terminal,
            "description": "Double room, one night",
            "reference": uuid4().hex[:12],
            "amount": "49.90",
            "currency": "EUR",
            "booking": "FINAL",
            "condition": "NONE",
            "language": "de",
            "payer_email": "guest@example.org",
            "notify_emails": "",
            "max_attempts": "5",
            "valid_for": "14",
            "button": "save",
        }
        self.browser.post(self.NEW, fields, expected=302)
