"""A crowd of payers: sockets open beforehand, all but the last byte sent, the last bytes released together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

from django.http import HttpResponse

from tests.flows.buyer import card_fields
from tests.processes.town import Town
from tests.processes.wire import WebBuyer, Wire


@dataclass(frozen=True)
class Post:
    """A form as one payer is about to send it."""

    buyer: WebBuyer
    url: str
    fields: dict[str, str]

    @property
    def bytes(self) -> bytes:
        return self.buyer.window.request("POST", self.url, urlencode(self.fields))


class Crowd:
    """So many browsers, each with an open connection, spread over the processes behind some ports."""

    def __init__(self, town: Town, ports: Sequence[int], size: int) -> None:
        self.buyers = [town.buyer(ports[number % len(ports)]) for number in range(size)]
        self.wires = [Wire(buyer.port) for buyer in self.buyers]

    def close(self) -> None:
        for wire in self.wires:
            wire.close()

    def open(self, url: str) -> None:
        """All open a page."""
        self._all_get([url] * len(self.buyers))

    def first_forms(self, typed: Callable[[int], dict[str, str]]) -> list[Post]:
        """What each of them sends from the first page of a multi-use link; `typed` by their number."""
        posts = []
        for number, buyer in enumerate(self.buyers):
            form = next(form for form in buyer.page.forms if not form.button("data-cancel"))
            posts.append(Post(buyer, urljoin(buyer.page.url, form.action), form.values | typed(number)))
        return posts

    def card_forms(self, cards: Sequence[str]) -> list[Post]:
        """What each of them sends when the button is pressed, with the cards dealt round."""
        posts = []
        for number, buyer in enumerate(self.buyers):
            form = buyer.page.form("data-pay")
            typed = form.values | card_fields(form, cards[number % len(cards)])
            posts.append(Post(buyer, urljoin(buyer.page.url, form.action), typed))
        return posts

    def release(self, posts: Sequence[Post]) -> list[HttpResponse]:
        """Send all of each but its last byte; then all last bytes at once. The answers, in their order."""
        wires = self.wires[: len(posts)]
        for wire, post in zip(wires, posts, strict=True):
            wire.send(post.bytes, hold=True)
        for wire in wires:
            wire.release()
        return [post.buyer.window.remember(wire.answer()) for wire, post in zip(wires, posts, strict=True)]

    def follow(self, answers: Sequence[HttpResponse]) -> None:
        """Go where the answers lead, until each payer sees a page."""
        while any(answer.status_code == 303 or answer.status_code == 302 for answer in answers):
            urls = [answer["Location"] for answer in answers]
            answers = self._all_get(urls)

    def _all_get(self, urls: Sequence[str]) -> list[HttpResponse]:
        buyers = self.buyers[: len(urls)]
        for wire, buyer, url in zip(self.wires, buyers, urls, strict=False):
            wire.send(buyer.window.request("GET", url))
        answers = []
        for wire, buyer, url in zip(self.wires, buyers, urls, strict=False):
            answer = wire.answer()
            answers.append(answer)
            buyer.arrived(url, answer)
        return answers
