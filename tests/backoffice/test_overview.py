"""The overview: sorted and narrowed on the server, as a file, and several offers at once (SPG-OVW)."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.test import Client

from paygate import clock
from paygate.mail.models import Mail
from paygate.merchants.models import Role
from paygate.offers.models import Offer
from paygate.tenants.context import within
from tests.backoffice.filled import filled
from tests.backoffice.reading import rows, words
from tests.cast import Person, a_terminal, somebody
from tests.make.money import chf
from tests.make.offers import offer

OVERVIEW = "/backoffice/offers/"


def links_of(page) -> dict[str, str]:
    """The sort links, by the words of their column."""
    found = re.findall(r'<th[^>]*aria-sort="\w+"><a href="([^"]+)">([^<]+)', page.content.decode())
    return {label.strip(): url.replace("&amp;", "&") for url, label in found}


def references(page) -> list[str]:
    return re.findall(r"\b[A-E]-\d\b", " ".join(rows(page)))


def three(person: Person) -> None:
    """Three offers that each order sorts in another way."""
    now = clock.now()
    for reference, amount, made, ends in (("B-1", 30, 3, 9), ("A-2", 10, 2, 8), ("C-3", 20, 1, 7)):
        offer(
            person.terminal,
            chf(amount),
            reference=reference,
            now=now - timedelta(hours=made),
            expires_at=now + timedelta(days=ends),
        )


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["C-3", "A-2", "B-1"]),
        ("created", ["B-1", "A-2", "C-3"]),
        ("-expires", ["B-1", "A-2", "C-3"]),
        ("expires", ["C-3", "A-2", "B-1"]),
        ("amount", ["A-2", "C-3", "B-1"]),
        ("-amount", ["B-1", "C-3", "A-2"]),
        ("reference", ["A-2", "B-1", "C-3"]),
        ("-changed", ["C-3", "A-2", "B-1"]),
        ("nonsense", ["C-3", "A-2", "B-1"]),
    ],
)
def test_the_list_is_sorted_on_the_server(beat, sort, order):
    three(beat)

    assert references(beat.browser().get(OVERVIEW, {"sort": sort} if sort else {})) == order


def test_the_head_of_a_column_sorts_and_then_turns_the_order_round(beat):
    three(beat)
    browser = beat.browser()

    first = browser.get(links_of(browser.get(f"{OVERVIEW}?q=-"))["Amount"])
    second = browser.get(links_of(first)["Amount"])

    assert references(first) == ["B-1", "C-3", "A-2"]
    assert 'aria-sort="descending"' in first.content.decode()
    assert references(second) == ["A-2", "C-3", "B-1"]
    assert "q=-" in links_of(second)["Amount"]


@pytest.mark.parametrize("sort", ["amount", "-amount", "reference", "expires", "-changed", "-created"])
def test_pages_of_any_order_have_no_gap(beat, sort):
    for number in range(110):
        offer(beat.terminal, chf(10 + number % 7), reference=f"R_{number % 13:02}")
    browser, path, seen = beat.browser(), f"{OVERVIEW}?sort={sort}", []

    for _ in range(3):
        page = browser.get(path)
        seen += re.findall(r'name="pick" value="([^"]+)"', page.content.decode())
        older = (
            page.content.decode().partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        )
        path = older or path

    assert len(seen) == len(set(seen)) == 110


def test_who_created_an_offer_is_searched_too(beat, anna):
    offer(beat.terminal, reference="A-1")
    beat.browser().post(f"{OVERVIEW}new/", filled(beat.terminal, reference="B-2"))

    page = beat.browser().get(OVERVIEW, {"q": "beat"})

    assert references(page) == ["B-2"]


@pytest.mark.parametrize("deed", ["edit", "disable", "restore"])
def test_who_changed_an_offer_last_is_searched_too(beat, deed):
    """behaviour.md M-13."""
    changed, _other = offer(beat.terminal, reference="A-1"), offer(beat.terminal, reference="B-2")
    if deed == "restore":
        somebody(beat.terminal, "Emil", Role.MANAGER).browser().post(f"{OVERVIEW}{changed.pk}/disable/")
    sent = filled(beat.terminal, reference="A-1", revision="1") if deed == "edit" else {}

    beat.browser().post(f"{OVERVIEW}{changed.pk}/{deed}/", sent)

    assert references(beat.browser().get(OVERVIEW, {"q": "beat"})) == ["A-1"]
    assert references(beat.browser().get(OVERVIEW, {"q": "emil"})) == []


def test_offers_are_narrowed_by_the_application_they_came_from(beat):
    offer(beat.terminal, reference="A-1")
    upload = offer(beat.terminal, reference="B-2")
    Offer.objects.filter(pk=upload.pk).update(source="UPLOAD")

    assert references(beat.browser().get(OVERVIEW, {"source": "UPLOAD"})) == ["B-2"]


def test_all_columns_are_there_for_whoever_wants_them(beat):
    """behaviour.md M-13."""
    offer(beat.terminal, reference="A-1")
    page = beat.browser().get(OVERVIEW)

    assert "Application" not in rows(page)[0]
    whole = beat.browser().get(f"{OVERVIEW}?whole=")
    head = re.findall(r"<th[^>]*>(?:<a[^>]*>)?([^<]*)", whole.content.decode())
    for column in (
        "Status",
        "Offer",
        "Reference",
        "Terminal",
        "Created",
        "Changed",
        "Application",
        "Expires",
        "Amount",
    ):
        assert column in [one.strip() for one in head]
    assert "Fewer columns" in words(whole)


def read_csv(response) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(response.getvalue().decode())))


def test_what_is_filtered_is_a_csv_file_in_the_order_of_the_list(beat):
    three(beat)
    offer(beat.terminal, reference="=1+1", description="A formula")

    file = read_csv(beat.browser().get(f"{OVERVIEW}offers.csv?sort=amount"))
    narrowed = read_csv(beat.browser().get(f"{OVERVIEW}offers.csv?q=C-3"))

    assert [row["Reference"] for row in file] == ["A-2", "C-3", "B-1", "'=1+1"]
    assert [row["Reference"] for row in narrowed] == ["C-3"]
    assert (narrowed[0]["Amount"], narrowed[0]["Currency"], narrowed[0]["Status"]) == ("20.00", "CHF", "OPEN")


def test_the_same_is_a_workbook_with_real_numbers(beat):
    three(beat)
    offer(beat.terminal, chf("1234.5"), reference="=1+1", description="A formula")

    response = beat.browser().get(f"{OVERVIEW}offers.xlsx?sort=-amount")

    with ZipFile(BytesIO(response.getvalue())) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r"<v>1234\.50?</v>", sheet)
    assert "=1+1" in sheet
    assert "<f>" not in sheet
    assert sheet.count("<row") == 5


def test_a_stranger_has_a_file_of_her_own(beat, carla):
    three(beat)

    assert read_csv(carla.browser().get(f"{OVERVIEW}offers.csv")) == []


def picked(browser: Client, button: str, *offers: Offer, **more: str):
    return browser.post(
        f"{OVERVIEW}picked/", {"pick": [one.pk for one in offers], "button": button, **more}, follow=True
    )


def test_several_are_disabled_and_what_cannot_be_is_told(beat):
    one, two = offer(beat.terminal), offer(beat.terminal)
    late = offer(beat.terminal)
    Offer.objects.filter(pk=late.pk).update(state="EXPIRED")

    page = picked(beat.browser(), "disable", one, two, late, back=f"{OVERVIEW}?state=OPEN")

    assert "2 offers were disabled." in words(page)
    assert "1 offer was left as it is" in words(page)
    assert page.redirect_chain[-1][0] == f"{OVERVIEW}?state=OPEN"
    assert set(Offer.objects.values_list("state", flat=True)) == {"DISABLED", "EXPIRED"}


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("smtp://mail.example.com", "1 e-mail to a buyer is on its way."),
        ("", "No mail server is set up: 1 e-mail to a buyer is only kept under Letters."),
    ],
)
def test_several_are_sent_again(beat, settings, server, said):
    settings.EMAIL_URL = server
    sent = offer(beat.terminal, payer_email="max@example.org")
    bare = offer(beat.terminal)

    page = picked(beat.browser(), "send", sent, bare)

    assert said in words(page)
    assert ("on its way" in words(page)) is bool(server)
    assert [mail.recipient for mail in Mail.objects.all()] == ["max@example.org"]


def test_several_are_had_as_a_file(beat):
    three(beat)
    one, other = Offer.objects.filter(reference__in=["B-1", "C-3"])

    file = beat.browser().post(f"{OVERVIEW}picked/", {"pick": [one.pk, other.pk], "button": "export"})

    assert [row["Reference"] for row in read_csv(file)] == ["C-3", "B-1"]


def test_an_accountant_has_what_is_ticked_as_a_file_and_changes_nothing(beat):
    kept = offer(beat.terminal, reference="A-2", payer_email="max@example.org")
    browser = somebody(beat.terminal, "Eva", Role.AUDITOR).browser()
    page = browser.get(OVERVIEW).content.decode()
    assert f'name="pick" value="{kept.pk}"' in page
    assert re.findall(r'name="button" value="(\w+)"', page) == ["export"]

    file = browser.post(f"{OVERVIEW}picked/", {"pick": [kept.pk], "button": "export"})
    refused = [picked(browser, button, kept).status_code for button in ("disable", "send")]

    assert [row["Reference"] for row in read_csv(file)] == ["A-2"]
    assert refused == [403, 403]
    assert Offer.objects.get(pk=kept.pk).state == "OPEN"
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("data", "onward"),
    [
        ({"button": "disable"}, OVERVIEW),
        ({"button": "burn", "pick": "x"}, OVERVIEW),
        ({"button": "disable", "pick": "not an id", "back": "https://elsewhere.example/"}, OVERVIEW),
        ({"button": "disable", "back": "//elsewhere.example/backoffice/offers/"}, OVERVIEW),
    ],
)
def test_nonsense_does_nothing_and_leads_back(beat, data, onward):
    kept = offer(beat.terminal)

    response = beat.browser().post(f"{OVERVIEW}picked/", data)

    assert response["Location"] == onward
    assert Offer.objects.get(pk=kept.pk).state == "OPEN"


def test_others_offers_are_neither_disabled_nor_sent(beat, carla):
    with within(carla.merchant.pk):
        theirs = offer(carla.terminal, payer_email="max@example.org")

    for button in ("disable", "send"):
        page = picked(beat.browser(), button, theirs)
        assert "left as it is" in words(page)

    with within(carla.merchant.pk):
        assert Offer.objects.get(pk=theirs.pk).state == "OPEN"
        assert not Mail.objects.exists()


def test_several_terminals_can_be_told_apart(beat):
    """SPG-OVW-07: the filter is offered where there are several terminals."""
    assert "Terminal" not in re.findall(
        r"<label[^>]*>([^<]+)", beat.browser().get(f"{OVERVIEW}?q=x").content.decode()
    )

    other = a_terminal(beat.merchant, "17000012", "Bar")
    offer(other, reference="A-1", expires_at=datetime(2027, 1, 1, tzinfo=UTC))

    assert references(beat.browser().get(OVERVIEW, {"terminal": "17000012"})) == ["A-1"]
