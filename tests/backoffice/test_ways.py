"""What a page shows can be used: no role is led to a page, or given a button, that then says no."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from paygate.backoffice.doorman import GUARDED
from paygate.merchants.models import Role
from paygate.merchants.roles import PERMISSIONS, Permission
from tests.backoffice.test_doors import things_of
from tests.cast import Person, somebody

WAY = re.compile(r'\b(?:href|action|formaction)="([^"]*)"')
FILES = re.compile(r"\.(?:csv|xlsx|zip|png|svg|eml|pdf)$|/(?:card|poster|message)/?$")


def ways(page: str, path: str) -> set[str]:
    """The paths of this host to which the links and forms of a page lead."""
    targets = {urlsplit(urljoin(path, unescape(way))) for way in WAY.findall(page)}
    return {one.path for one in targets if not one.netloc and one.path.startswith("/backoffice/")}


def walked(browser: Client) -> dict[str, tuple[str, Permission]]:
    """Each page that can be come to, one of its kind: by path, the page that led there and the right it asks for."""
    found: dict[str, tuple[str, Permission]] = {}
    waiting, kinds = ["/backoffice/"], set()
    while waiting:
        path = waiting.pop(0)
        kind = resolve(path).url_name
        if kind in kinds or FILES.search(path):
            continue
        kinds.add(kind)
        answer = browser.get(path)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue  # the address of a button, which leads back to its page
        for way in sorted(ways(answer.content.decode(), path)):
            try:
                view = resolve(way).func
            except Resolver404:
                pytest.fail(f"{path} leads nowhere: {way}")
            if way not in found:
                found[way] = (path, GUARDED[view])
                waiting.append(way)
    return found


@pytest.mark.parametrize("role", Role.values)
def test_nobody_is_shown_a_way_they_may_not_take(anna: Person, role: str) -> None:
    things_of(anna)
    browser = somebody(anna.terminal, "Zita", Role(role)).confirmed_browser()

    found = walked(browser)

    assert len(found) > 30
    barred = {way: asks for way, asks in found.items() if asks[1] not in PERMISSIONS[role]}
    assert barred == {}
