"""Read a page the way a test wants to: its words, its errors beside fields, its tables."""

import re
from html import unescape

from django.http import HttpResponse
from django.http.response import HttpResponseBase


def words(response: HttpResponseBase) -> str:
    """What a person reads, on one line."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", _html(response), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def error_at(response: HttpResponseBase, field: str) -> str:
    """The message beside a field; empty for none."""
    found = re.search(rf'<p class="error" id="id_{field}_error">(.*?)</p>', _html(response), re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def value_of(response: HttpResponseBase, field: str) -> str:
    """What stands in an input."""
    found = re.search(rf'<input[^>]*\bname="{field}"[^>]*>', _html(response))
    assert found, f"no input {field}"
    value = re.search(r'\bvalue="([^"]*)"', found[0])
    return unescape(value[1]) if value else ""


def rows(response: HttpResponseBase) -> list[str]:
    """The words of each row of the page's first table body."""
    body = re.search(r"<tbody>(.*?)</tbody>", _html(response), re.DOTALL)
    found = re.findall(r"<tr\b.*?</tr>", body[1], re.DOTALL) if body else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def _html(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()
