"""The overview of multi-use links, the page of one, and what can be done there (SPG-MUL, SPG-MUP-06)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.journal.models import Entry
from paygate.links.change import delete_link
from paygate.links.models import Link
from paygate.links.payable import count_paid, hold
from paygate.merchants.models import Role
from paygate.merchants.reach import system
from tests.backoffice.reading import rows, words
from tests.cast import a_terminal, somebody
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.links import a_link
from tests.make.money import chf, eur

OVERVIEW = "/backoffice/links/"


def plain(page) -> str:
    return words(page).replace("\u00a0", " ")


def path(link: Link) -> str:
    return f"{OVERVIEW}{link.pk}/"


def paid(link: Link, amount, times: int = 1) -> None:
    for _ in range(times):
        hold(link.pk, amount)
        count_paid(link.pk, amount)


def deleted(link: Link, *, days_ago: int = 0) -> Link:
    by = system(link.merchant_id)
    delete_link(link.pk, by=by, now=clock.now() - timedelta(days=days_ago))
    return link


def bought(link: Link, amount: str, email: str, **more: str) -> Entry:
    """Somebody pays it on the payment page."""
    carla = Buyer()
    carla.open(f"/SecurePayGate/MultiUse/100001/17000011/{link.pk}")
    carla.say_how_much(amount, email=email)
    if carla.step == "address":
        carla.enter_details(**more)
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"
    entry: Entry = Entry.objects.order_by("-pk")[0]
    return entry


def test_the_menu_leads_to_the_overview_which_says_what_it_is_for(beat):
    page = beat.browser().get(OVERVIEW)

    assert f'<a href="{OVERVIEW}" aria-current="page">Multi-use links</a>' in page.content.decode()
    assert "No multi-use links yet" in words(page)


def test_all_links_are_listed_with_status_amount_and_what_was_paid(beat):
    """SPG-MUL-04."""
    a_link(beat.terminal, description="Roof", reference_prefix="ROOF-")
    museum = a_link(beat.terminal, description="Museum", amount=chf(12))
    paid(museum, chf(12), times=3)
    deleted(a_link(beat.terminal, description="Old"))

    found = {row.split()[1]: row.replace("\u00a0", " ") for row in rows(beat.browser().get(OVERVIEW))}

    assert "Active Roof ROOF-" in found["Roof"]
    assert "Payer's choice" in found["Roof"]
    assert "CHF 12.00" in found["Museum"]
    assert "3 CHF 36.00" in found["Museum"]
    assert found["Old"].startswith("Deleted")


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({}, "Active"),
        ({"begins_at": timedelta(days=1)}, "Not open yet"),
        ({"ends_at": timedelta(seconds=-1)}, "Ended"),
        ({"most_payments": 1}, "Used up"),
    ],
)
def test_the_status_is_what_a_payer_would_find(beat, columns, status):
    link = a_link(beat.terminal)
    paid(link, chf(5))
    now = clock.now()
    moments = {name: now + one if isinstance(one, timedelta) else one for name, one in columns.items()}
    Link.objects.update(**moments)

    (row,) = rows(beat.browser().get(OVERVIEW))

    assert row.startswith(status)


def test_links_are_searched_and_narrowed_by_terminal_and_status(anna, beat):
    """SPG-MUL-04; issue 5, point 7."""
    second = a_terminal(beat.merchant, "17000012", "Groups")
    a_link(beat.terminal, description="Roof", reference_prefix="DACH-")
    a_link(second, description="Museum")
    deleted(a_link(beat.terminal, description="Old"))

    def found(query: str) -> set[str]:
        return {row.split()[1] for row in rows(beat.browser().get(f"{OVERVIEW}?{query}"))}

    assert found("") == {"Roof", "Museum", "Old"}
    assert found("q=roof") == found("q=dach") == {"Roof"}
    assert found("terminal=17000012") == {"Museum"}
    assert found("state=DELETED") == {"Old"}
    assert found("state=ACTIVE&terminal=17000011") == {"Roof"}
    assert found("q=nothing") == set()
    assert "No link fits these filters" in words(beat.browser().get(f"{OVERVIEW}?q=nothing"))


def test_the_list_goes_on_page_by_page_without_a_gap(beat):
    for number in range(60):
        a_link(beat.terminal, description=f"L{number}", now=clock.now() - timedelta(minutes=number))
    browser, seen, address = beat.browser(), [], OVERVIEW

    for _ in range(2):
        page = browser.get(address)
        seen += [row.split()[1] for row in rows(page)]
        older = page.content.decode().partition('rel="next" href="')[2].partition('"')[0]
        address = older.replace("&amp;", "&")

    assert seen == [f"L{number}" for number in range(60)]
    assert "60 links" in words(page)


def test_the_page_shows_link_code_sums_and_limits(beat):
    """SPG-MUF-23, 24; SPG-MUL-02; issue 5, point 10."""
    link = a_link(beat.terminal, most_payments=10, most_total=chf(500))
    paid(link, chf(20), times=2)
    paid(link, eur(7))

    page = beat.browser().get(path(link))

    html, said = page.content.decode(), plain(page)
    address = f"http://localhost:8000/SecurePayGate/MultiUse/100001/17000011/{link.pk}"
    assert f'value="{address}"' in html
    assert "data-copy" in html
    assert f'<img src="{path(link)}qr.png"' in html
    assert "2 payments CHF 40.00 1 payment EUR 7.00" in said
    assert "3 of at most 10 payments" in said
    assert "CHF 460.00 of at most CHF 500.00 are left" in said
    assert "mailto:?subject=Donation" in html


def test_the_sums_of_a_link_cost_the_same_whatever_they_count(beat, django_assert_num_queries):
    """Issue 5, point 10: counters, and ten payments by an index."""
    few, many = a_link(beat.terminal), a_link(beat.terminal)
    paid(few, chf(1))
    paid(many, chf(1))
    type(many.totals.get()).objects.filter(link=many).update(payments=1_000_000, sum_minor=100_000_000)
    browser = beat.browser()
    browser.get(path(few))
    with django_assert_num_queries(len(_questions(browser, few))):
        page = browser.get(path(many))

    assert "1000000 payments CHF 1,000,000.00" in plain(page)


def _questions(browser, link) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        browser.get(path(link))
    return [query["sql"] for query in captured]


def test_its_payments_are_listed_and_found_in_the_journal(anna):
    """SPG-MUF-03, 19; SPG-MUP-06: the buyer's address stands under billing address."""
    link, other = (
        a_link(anna.terminal, billing_required=True, reference_prefix="ROOF-"),
        a_link(anna.terminal),
    )
    entry = bought(
        link, "12.50", "carla@example.org", given_name="Carla", family_name="Muster",
        address_line1="Gasse 1", postal_code="8000", address_level2="Zürich",
    )  # fmt: skip
    bought(other, "7", "dario@example.org")
    browser = anna.browser()

    assert entry.reference in words(browser.get(path(link)))
    journal = browser.get(f"/backoffice/journal/?link={link.pk}")
    assert len(rows(journal)) == 1
    assert entry.reference in words(journal)
    assert "Multi-use link: Donation for the roof" in words(journal)
    payment = plain(browser.get(f"/backoffice/journal/{entry.transaction_id}/"))
    assert "Billing address Carla Muster, Gasse 1, 8000 Zürich, Switzerland, carla@example.org" in payment
    assert "Multi-use link Donation for the roof" in payment
    assert "Donation for the roof · ROOF-" in payment


def test_a_payment_without_an_address_has_the_buyers_mail_address_there(anna):
    """SPG-MUP-06."""
    entry = bought(a_link(anna.terminal), "5", "carla@example.org")

    payment = words(anna.browser().get(f"/backoffice/journal/{entry.transaction_id}/"))

    assert "Billing address carla@example.org" in payment


def test_the_journal_of_a_link_is_a_file_too(anna):
    link = a_link(anna.terminal)
    bought(link, "5", "carla@example.org")
    bought(a_link(anna.terminal), "6", "carla@example.org")

    file = anna.browser().get(f"/backoffice/journal/journal.csv?link={link.pk}")

    assert len(b"".join(file.streaming_content).decode().strip().splitlines()) == 2


def test_the_journal_of_a_foreign_link_is_not_narrowed_and_says_so(anna, carla):
    bought(a_link(anna.terminal), "5", "carla@example.org")
    theirs = a_link(carla.terminal)

    journal = anna.browser().get(f"/backoffice/journal/?link={theirs.pk}")

    assert len(rows(journal)) == 1
    assert "Choose one of the values in the list." in words(journal)


def test_a_link_is_deleted_with_one_press_and_restored_with_another(beat):
    """SPG-MUL-05, 07, 08, 10."""
    link, browser = a_link(beat.terminal), beat.browser()
    assert f'action="{path(link)}delete/"' in browser.get(OVERVIEW).content.decode()

    page = browser.post(f"{path(link)}delete/", follow=True)
    assert "The link is deleted." in words(page)
    assert "It is removed for good on" in words(page)
    assert "qr.png" not in page.content.decode()
    assert f'action="{path(link)}restore/"' in browser.get(OVERVIEW).content.decode()
    page = browser.post(f"{path(link)}restore/", follow=True)

    assert "The link can be paid again." in words(page)
    assert "Restored" in words(page)
    link.refresh_from_db()
    assert link.state == "ACTIVE"


def test_a_reader_sees_links_and_nothing_that_changes_them(alpenblick, beat):
    link, gone = a_link(beat.terminal), deleted(a_link(beat.terminal, description="Gone"))
    browser = somebody(alpenblick, "Rita", Role.READER).browser()

    for page in (browser.get(OVERVIEW), browser.get(path(link)), browser.get(path(gone))):
        html = page.content.decode()
        assert page.status_code == 200
        assert not re.search(r"/links/(new|[0-9a-f-]+/(edit|delete|restore))/", html)
    assert browser.get(f"{path(link)}qr.png").status_code == 200


def test_what_is_deleted_is_not_edited(beat):
    link = deleted(a_link(beat.terminal))

    page = beat.browser().get(f"{path(link)}edit/", follow=True)

    assert page.redirect_chain[-1][0] == path(link)


def test_deleting_twice_is_told(beat):
    link = deleted(a_link(beat.terminal))

    page = beat.browser().post(f"{path(link)}delete/", follow=True)

    assert "This is no longer possible" in words(page)


def test_the_search_of_every_page_finds_links(beat):
    link = a_link(beat.terminal, description="Roof of the chapel")

    page = beat.browser().get("/backoffice/search/?q=chapel")

    assert f'href="{path(link)}"' in page.content.decode()


def test_the_audit_log_leads_to_the_link(anna):
    link = a_link(anna.terminal)
    deleted(link)
    line = AuditLine.objects.get(action="link deleted")

    assert "Multi-use link deleted" in words(anna.browser().get("/backoffice/settings/audit/"))
    page = anna.browser().get(f"/backoffice/settings/audit/{line.pk}/")

    assert path(link) in page.content.decode()


def test_amounts_of_the_page_of_a_link_are_written_alike(beat):
    """In French the smallest one had a comma and the suggested ones a dot."""
    beat.user.language = "fr"
    beat.user.save()
    link = a_link(beat.terminal, smallest=chf("5.50"), suggested=(chf("20.50"), chf("50")))

    said = plain(beat.browser().get(path(link)))

    assert "CHF 5,50" in said
    assert "CHF 20,50, CHF 50,00" in said
