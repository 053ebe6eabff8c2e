"""A letter as its reader meets it: its words, its buttons, and every address it leads to or loads from."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_LOADS_OR_LEADS = {"href", "src", "srcset", "action", "background", "poster", "data", "formaction", "cite"}


@dataclass
class Read:
    """What a mail program finds in the HTML."""

    words: str = ""
    tags: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)  # from the words of a link to its address
    addresses: set[str] = field(default_factory=set)  # of links, pictures and everything else
    comments: str = ""  # Outlook reads some of them


def read(html: str) -> Read:
    """The HTML of a letter, taken apart. Words are unescaped, with single spaces."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.found.words = " ".join(reader.found.words.split())
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Read()
        self._address: str | None = None
        self._label = ""
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.tags.add(tag)
        self.found.addresses |= {value or "" for name, value in attrs if name in _LOADS_OR_LEADS}
        if tag == "a":
            self._address, self._label = dict(attrs).get("href") or "", ""
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address is not None:
            self.found.links[self._label.strip()] = self._address
            self._address = None
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.found.words += f" {data}"
            self._label += data

    def handle_comment(self, data: str) -> None:
        self.found.comments += data
