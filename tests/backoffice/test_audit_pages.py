"""The audit log on its screen: newest first, searched, one line with old and new (safety.md AU-7)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.audit.actions import Action
from paygate.audit.chain import chain
from paygate.audit.models import AuditLine
from paygate.audit.record import changes, record
from paygate.links.change import change_link
from paygate.links.terms import terms_of
from paygate.merchants.models import Role
from paygate.offers.offer_templates import save_template
from tests.backoffice.reading import words
from tests.cast import LONG_AGO, somebody
from tests.make.links import a_link
from tests.make.money import chf

LOG = "/backoffice/settings/audit/"


def line(person, action=Action.SETTINGS_CHANGED, subject="settings", days=0, **more):
    record(
        action,
        merchant_id=person.merchant.pk,
        by=person.actor.name,
        person=person.user.email,
        subject=subject,
        now=LONG_AGO + timedelta(days=days),
        **more,
    )
    newest = AuditLine.objects.order_by("pk").last()
    assert newest is not None
    return newest


@pytest.fixture
def log(anna, beat):
    """Three lines, on three days."""
    line(anna, detail=changes({"language": "de"}, {"language": "fr"}))
    line(beat, Action.OFFER_CREATED, "offer:abc", days=1)
    line(beat, Action.SIGN_IN_FAILED, f"person:{beat.user.email}", days=2, result="refused")


def found(anna, **asked):
    page = words(anna.browser().get(LOG, asked))
    return [
        name
        for name in ("Settings changed Anna", "Offer created Beat", "Sign-in failed refused Beat")
        if name in page
    ]


def test_lines_about_templates_credentials_and_links_are_in_words(anna):
    row = {"notify_emails": [], "max_attempts": 3, "letter": {"subject": "Hello"}, "amount": "5.00"}
    save_template("Deposit", anna.terminal, row, by=anna.actor, now=LONG_AGO)
    link = a_link(anna.terminal, now=LONG_AGO)
    limited = replace(terms_of(link), most_total=chf(50), most_payments=3)
    change_link(link.pk, limited, seen=1, by=anna.actor, now=LONG_AGO)
    line(anna, Action.CREDENTIAL_MADE, "credential:API_1")

    browser = anna.browser()
    lines = AuditLine.objects.exclude(action="link created")
    page = " ".join(words(browser.get(f"{LOG}{one.pk}/")) for one in lines)

    for said in (
        "Payment notification",
        "Number of attempts",
        "Subject: Hello",
        "Most payments",
        "Most in total in the smallest unit",
        "API credential: API_1",
    ):
        assert said in page, said
    assert "_" not in page.replace("API_1", "")


def test_a_list_that_left_as_a_file_is_told_in_words(anna):
    detail = {"state": ["OPEN"], "sort": ["-reference"]}
    exported = line(anna, Action.EXPORTED, "list:offers picked", detail=detail)
    line(anna, Action.EXPORTED, "list:batch 17000011/2")
    anna.user.language = "de"
    anna.user.save()

    page = words(anna.browser().get(LOG)) + words(anna.browser().get(f"{LOG}{exported.pk}/"))

    assert "Liste: Ausgewählte Angebote" in page
    assert "Status Offen" in page
    assert "Sortiert nach -reference" in page
    assert "Liste: Tagesabschluss 17000011/2" in page


def test_the_newest_stands_first(anna, log):
    page = words(anna.browser().get(LOG))

    assert (
        page.index("Sign-in failed") < page.index("Offer created Beat") < page.index("Settings changed Anna")
    )
    assert "Language: de → fr" in page


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"q": "beat"}, ["Offer created Beat", "Sign-in failed refused Beat"]),
        ({"q": "OFFER:abc"}, ["Offer created Beat"]),
        ({"action": "settings changed"}, ["Settings changed Anna"]),
        ({"since": "2026-01-06"}, ["Offer created Beat", "Sign-in failed refused Beat"]),
        ({"until": "06.01.2026"}, ["Settings changed Anna", "Offer created Beat"]),
        ({"q": "nobody"}, []),
        (
            {"since": "nonsense"},
            ["Settings changed Anna", "Offer created Beat", "Sign-in failed refused Beat"],
        ),
    ],
)
def test_it_is_searched(anna, log, asked, answer):
    assert found(anna, **asked) == answer


def test_one_line_shows_old_and_new(anna, log):
    chain(anna.merchant.pk)
    shown = AuditLine.objects.get(action="settings changed")

    page = words(anna.browser().get(f"{LOG}{shown.pk}/"))

    assert "Language de fr" in page
    assert shown.hash in page
    assert anna.user.email in page


def test_a_line_of_a_feature_long_gone_is_shown_by_its_own_name(anna):
    odd = line(anna, detail={"x_y": [], "on": True, "by": {"a": 1}})
    odd.pk, odd.action, odd.subject = None, "pigeon sent", "pigeon:7"
    odd.save()

    page = words(anna.browser().get(f"{LOG}{odd.pk}/"))

    assert "pigeon sent" in page
    assert "pigeon:7" in page
    assert "x y –" in page
    assert "on yes" in page


def test_an_auditor_reads_it_and_a_clerk_does_not(alpenblick, beat):
    assert somebody(alpenblick, "Ada", Role.AUDITOR).browser().get(LOG).status_code == 200
    assert beat.browser().get(LOG).status_code == 403


def test_a_long_log_comes_page_by_page(anna):
    for number in range(60):
        line(anna, subject=f"list:{number}", days=number)
    browser = anna.browser()

    first = browser.get(LOG)
    assert "List: 59" in words(first)
    assert "List: 9 " not in words(first)
    older = next(part for part in first.content.decode().split('"') if part.startswith(f"{LOG}?before="))

    assert "List: 9 " in words(browser.get(older))


def test_a_page_of_the_log_asks_little(anna, django_assert_max_num_queries):
    for number in range(50):
        line(anna, subject=f"list:{number}", days=number)
    browser = anna.browser()
    browser.get(LOG)

    with django_assert_max_num_queries(20):
        browser.get(LOG)
