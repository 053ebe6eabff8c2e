"""The quick guide (SPG-QG-01)."""

import re

import pytest
from django.contrib.staticfiles import finders

from paygate.backoffice.home.guide import CHAPTERS
from paygate.languages import LANGUAGES
from paygate.merchants.models import Licence, Preferences, Role
from paygate.offers.states import OfferState
from tests.backoffice.reading import words
from tests.cast import somebody

GUIDE = "/backoffice/guide/"
TITLES = {"en": "Quick guide", "de": "Kurzanleitung", "fr": "Guide rapide", "it": "Guida rapida"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quick_guide_is_at_hand_in_the_persons_language(anna, language):
    """SPG-QG-01: found in the menu; with a picture of the screens in that language for each chapter that shows one."""
    anna.user.language = language
    anna.user.save()
    browser = anna.browser()

    page = browser.get(GUIDE)
    html = page.content.decode()

    assert f'href="{GUIDE}"' in browser.get("/backoffice/").content.decode()
    assert TITLES[language] in words(page)
    pictures = re.findall(
        r'<img src="/static/([^"]+)" alt="([^"]+)" width="\d+" height="\d+" loading="lazy"', html
    )
    on_phones = re.findall(r'<source media="[^"]+" srcset="/static/([^"]+)" width="\d+" height="\d+">', html)
    shown = [picture for chapter in CHAPTERS for picture in chapter.pictures]
    assert len(pictures) == len(shown)
    assert len(on_phones) == sum(not picture.only_phone for picture in shown)
    assert len({alt for _path, alt in pictures}) == len(shown)
    for path in [*(path for path, _alt in pictures), *on_phones]:
        assert f"/{language}/" in path
        assert finders.find(re.sub(r"\.[0-9a-f]{12}\.webp$", ".webp", path))


def test_no_text_of_it_is_the_same_in_two_languages(anna):
    told = {}
    for language in LANGUAGES:
        anna.user.language = language
        anna.user.save()
        told[language] = set(re.findall(r"<li>([^<]{30,})</li>", anna.browser().get(GUIDE).content.decode()))

    assert all(len(steps) >= 15 for steps in told.values())
    assert not told["en"] & told["de"]
    assert not told["fr"] & told["it"]


def test_every_way_leads_somewhere(anna):
    browser = anna.browser()
    html = browser.get(GUIDE).content.decode()
    main = html[html.index('<div class="guide">') :]

    for address in set(re.findall(r'href="(/backoffice/[^"#]*)"', main)):
        assert browser.get(address, follow=True).status_code == 200
    for anchor in re.findall(r'href="#([a-z-]+)"', main):
        assert f'id="{anchor}"' in main


def test_nobody_is_led_where_they_may_not_go(alpenblick):
    html = somebody(alpenblick, "Rita", Role.READER).browser().get(GUIDE).content.decode()

    main = html[html.index('<div class="guide">') :]
    assert 'href="/backoffice/settings/people/"' not in main
    assert 'href="/backoffice/offers/start/"' not in main
    assert 'href="/backoffice/journal/"' in main


def test_it_is_there_before_the_settings_are_complete(anna):
    """It begins with them."""
    Preferences.objects.update(complete_since=None)
    browser = anna.browser()

    assert browser.get(GUIDE).status_code == 200
    assert f'href="{GUIDE}#settings"' in browser.get("/backoffice/").content.decode()


def test_whoever_begins_is_shown_the_way_to_it(anna):
    """Where nothing is there yet, the guide is beside the button that makes the first thing."""
    browser = anna.browser()

    for address in ("/backoffice/", "/backoffice/offers/"):
        html = browser.get(address).content.decode()
        assert f'<a class="button quiet" href="{GUIDE}">Quick guide</a>' in html


def test_it_explains_every_status_by_its_sign(anna):
    html = anna.browser().get(GUIDE).content.decode()

    legend = html[html.index('<dl class="statuses">') :].partition("</dl>")[0]
    assert re.findall(r'data-status="([A-Z]+)"( data-sent)?', legend) == [
        ("OPEN", ""),
        ("OPEN", " data-sent"),
        *((state.value, "") for state in OfferState if state != OfferState.OPEN),
    ]


def test_without_secure_paygate_there_is_no_guide_to_it(anna):
    Licence.objects.update(features=[])
    browser = anna.browser()

    assert browser.get(GUIDE).status_code == 404
    assert GUIDE not in browser.get("/backoffice/").content.decode()
