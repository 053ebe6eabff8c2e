"""A page as a browser has it: its marks, its words, its forms with their fields, and where its buttons lead."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"input", "meta", "link", "br", "img", "hr"}
Attributes = dict[str, str]


@dataclass
class Button:
    """A button and its marks."""

    attributes: Attributes
    words: str = ""


@dataclass
class Form:
    """A form as it would be sent, before anything is typed."""

    action: str
    method: str
    target: str  # the frame it is sent into; empty for the page itself
    inputs: list[Attributes] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def values(self) -> dict[str, str]:
        """What a browser sends when nothing is typed."""
        return {one["name"]: one.get("value", "") for one in self.inputs if one.get("name")}

    @property
    def hidden(self) -> dict[str, str]:
        return {one["name"]: one.get("value", "") for one in self.inputs if one.get("type") == "hidden"}

    def button(self, mark: str, value: str | None = None) -> Button | None:
        """The button that carries this mark (with this value)."""
        for button in self.buttons:
            if mark in button.attributes and value in (None, button.attributes[mark]):
                return button
        return None

    def field(self, autocomplete: str) -> str | None:
        """The name of the field that a browser would fill in with this."""
        known = (one for one in self.inputs if autocomplete in one.get("autocomplete", "").split())
        return next((one["name"] for one in known), None)


@dataclass
class Page:
    """What came for one address."""

    url: str
    status: int
    html: str
    response: HttpResponse
    main: Attributes = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[Attributes, str]] = field(default_factory=list)
    frames: list[Attributes] = field(default_factory=list)
    refresh: str = ""  # where the page goes by itself
    words: str = ""
    language: str = ""

    @property
    def step(self) -> str:
        return self.main.get("data-step", "")

    @property
    def is_declined(self) -> bool:
        return "data-declined" in self.main

    def form(self, mark: str, value: str | None = None) -> Form:
        """The form with a button of this mark."""
        for form in self.forms:
            if form.button(mark, value):
                return form
        raise AssertionError(
            f"no form with {mark} {value or ''} on the page {self.step or self.words[:200]!r}"
        )

    def has(self, mark: str) -> bool:
        """Does a button carry this mark?"""
        return any(form.button(mark) for form in self.forms)

    def method_link(self, method: str) -> str:
        """Where this method leads."""
        return next(
            attributes["href"] for attributes, _ in self.links if attributes.get("data-method") == method
        )

    @property
    def methods(self) -> list[str]:
        """What the payer may choose from."""
        return [attributes["data-method"] for attributes, _ in self.links if "data-method" in attributes]

    def link(self, words: str) -> str:
        """Where the link with these words leads."""
        return next(attributes["href"] for attributes, said in self.links if said == words)


def read(url: str, response: HttpResponse) -> Page:
    """Take a page apart."""
    page = Page(url, response.status_code, response.content.decode(), response)
    reader = _Reader(page)
    reader.feed(page.html)
    reader.close()
    page.words = " ".join(page.words.split())
    return page


def walk(pages: list[Page]) -> Iterator[str]:
    """The steps that were shown, one after the other."""
    yield from (page.step for page in pages if page.step)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.form: Form | None = None
        self.button: Button | None = None
        self.anchor: Attributes | None = None
        self.said = ""
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        match tag:
            case "html":
                self.page.language = attributes.get("lang", "")
            case "main":
                self.page.main = attributes
            case "form":
                self.form = Form(
                    attributes.get("action", ""),
                    attributes.get("method", "get"),
                    attributes.get("target", ""),
                )
                self.page.forms.append(self.form)
            case "input" if self.form:
                self.form.inputs.append(attributes)
            case "select" if self.form:
                self.form.inputs.append(attributes)
            case "option" if self.form and "selected" in attributes:
                self.form.inputs[-1]["value"] = attributes["value"]
            case "button" if self.form:
                self.button = Button(attributes)
                self.form.buttons.append(self.button)
            case "a":
                self.anchor, self.said = attributes, ""
            case "iframe":
                self.page.frames.append(attributes)
            case "meta" if attributes.get("http-equiv") == "refresh" and "url=" in attributes["content"]:
                self.page.refresh = attributes["content"].partition("url=")[2]
            case "script" | "style":
                self.silent = True
        if tag not in {"b", "i", "span"}:
            self.page.words += " "

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self.form = None
            case "button":
                self.button = None
            case "a" if self.anchor is not None:
                self.page.links.append((self.anchor, " ".join(self.said.split())))
                self.anchor = None
            case "script" | "style":
                self.silent = False
        self.page.words += " "

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        self.page.words += data
        self.said += data
        if self.button:
            self.button.words += data
