"""Who gets in where: signed in, of this merchant, with this role, with this feature (safety.md AU-2, AU-4, TN-4)."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from paygate import clock
from paygate.accounts.models import Presence
from paygate.audit.models import AuditLine
from paygate.backoffice.doorman import GUARDED
from paygate.backoffice.urls import urlpatterns
from paygate.credentials.keep import make, new_password
from paygate.designs.change import Look, save_design
from paygate.journal.models import BookingPeriod, Entry, Movement, RefundProposal
from paygate.mail.models import Mail
from paygate.merchants.invite import invite
from paygate.merchants.models import Licence, Role, TermsFile
from paygate.merchants.reach import system
from paygate.merchants.roles import PERMISSIONS, Permission
from paygate.money.model_fields import columns
from paygate.offers.files import put_file
from paygate.offers.offer_templates import save_template
from paygate.offers.send import send_offer
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from paygate.webhooks.models import Delivery
from paygate.webhooks.outbox import call
from tests.backoffice.reading import words
from tests.cast import Person, somebody
from tests.mail.made_files import GOOD
from tests.make.journal import reservation
from tests.make.links import a_link
from tests.make.offers import offer
from tests.uploads.files import good, uploaded

ONLY_POSTED = {
    "entry_call_again", "template_delete", "revoke_credential",
    "language", "merchant", "offer_send", "offer_disable", "offer_restore", "entry_book", "entry_cancel",
    "entry_refund", "entry_release", "call_again", "refund_confirm", "refund_turn_down", "refund_limit",
    "change_terminal", "change_preferences", "remove_terms", "period_close", "period_again", "letter_again",
    "review_propose", "review_confirm", "review_turn_down", "offers_picked",
    "upload_columns", "upload_column_forget", "upload_row", "upload_create", "upload_remove", "upload_letters",
    "letter_text_reset", "offer_files",
    "default_design", "delete_design", "no_default_design", "link_delete", "link_restore",
    "invitation_withdraw", "second_factor_rule", "person_role", "person_remove", "session_end", "sessions_end",
}  # fmt: skip


# In addresses, and the same for every merchant.
EVERYBODYS = {"kind": "offer", "language": "de"}


def routes() -> Iterator[URLPattern]:
    """Every route of the back office."""
    waiting = list(urlpatterns)
    while waiting:
        route = waiting.pop()
        if isinstance(route, URLPattern):
            yield route
        else:
            waiting += route.url_patterns


ROUTES = {str(route.name): route for route in routes()}
FRESH_ONES = {name: GUARDED[route.callback] == Permission.EDIT_PEOPLE for name, route in ROUTES.items()}


def things_of(person: Person) -> dict[str, object]:
    """One of each thing that has a page, and its names in addresses."""
    with within(person.merchant.pk):
        terms, _made = TermsFile.objects.get_or_create(
            merchant=person.merchant, language="en", defaults={"name": "Terms.pdf", "content": b"%PDF-1.4"}
        )
        sold = offer(person.terminal, payer_email="guest@example.org")
        send_offer(sold.pk, by=person.actor, now=sold.created_at)
        entry = reservation(person.terminal)
        period = BookingPeriod.objects.create(
            merchant_id=person.merchant.pk,
            terminal=person.terminal,
            number=7,
            opened_at=sold.created_at,
            business_day_from=sold.created_at,
        )
        design = save_design(Look("House", "#0b5f6b"), by=system(person.merchant.pk), now=clock.now())
        credential = make(person.merchant, password=new_password(), by="system", now=clock.now())
        template = save_template(
            f"Room {sold.pk}", person.terminal, {"amount": "150.00"}, by=person.actor, now=clock.now()
        )
        letter, case = Mail.objects.get(), case_of(entry)
        colleague = somebody(person.terminal, f"Zoe{person.member.pk}", Role.OWNER)
        line = AuditLine.objects.create(
            merchant=person.merchant, at=sold.created_at, by="x", action="signed in"
        )
        invitation = invite(
            person.merchant,
            email="new@example.org",
            role=Role.READER,
            language="en",
            by=system(person.merchant.pk),
            now=clock.now(),
        )
        elsewhere = Presence.objects.create(user=person.user, began_at=clock.now(), seen_at=clock.now())
        upload = uploaded(person.terminal, good(2))
        proposal, told = proposed_refund(entry), a_call(entry)
        file = put_file("Terms.pdf", GOOD["Terms.pdf"], form_id=uuid4(), by=person.actor, now=sold.created_at)
    return {
        "offer_id": sold.pk,
        "transaction_id": entry.transaction_id,
        "terminal_number": person.terminal.number,
        "number": period.number,
        "letter_id": letter.public_id,
        "design_id": design.pk,
        "template_id": template.pk,
        "credential_id": credential.pk,
        "index": 0,
        "case": case,
        "file_id": terms.pk,
        "language": "en",
        "member_id": colleague.member.pk,
        "invitation_id": invitation.pk,
        "line_id": line.pk,
        "presence_id": elsewhere.pk,
        "offer_file_id": file.pk,
        "link_id": a_link(person.terminal).pk,
        "upload_id": upload.pk,
        "call_id": told.public_id,
        "proposal_id": proposal.pk,
    }


NEVER = {"offer_id": uuid4(), "upload_id": uuid4(), "letter_id": uuid4(), "transaction_id": "never", "case": "never",
         "terminal_number": "17999999", "member_id": 10**9, "invitation_id": 10**9, "line_id": 10**9,
         "presence_id": 10**9, "file_id": 0, "offer_file_id": uuid4(), "design_id": 10**9, "link_id": uuid4(),
         "template_id": 10**9, "credential_id": 10**9, "proposal_id": 10**9, "call_id": uuid4(),
         "language": "xx"}  # fmt: skip


def a_call(entry: Entry) -> Delivery:
    """A call to the merchant's server that waits."""
    with transaction.atomic():
        return call(
            "payment",
            "https://shop.example/paid",
            about=f"entry:{entry.transaction_id}",
            merchant_id=entry.merchant_id,
            now=entry.created_at,
        )


def proposed_refund(entry: Entry) -> RefundProposal:
    """A refund that waits for its second person."""
    return RefundProposal.objects.create(
        merchant_id=entry.merchant_id,
        payment=entry,
        proposed_by="member:0",
        proposed_at=entry.created_at,
        **columns(entry.amount),
    )


def case_of(entry: Entry) -> str:
    """Something that two people must decide."""
    movement = entry.movements.get(kind="AUTHORIZE")
    Movement.objects.filter(pk=movement.pk).update(review_since=clock.now())
    return str(movement.request_id)


def address(name: str, things: dict[str, object]) -> str:
    wanted = dict(ROUTES[name].pattern.converters)
    named = {key: {**EVERYBODYS, **things}[key] for key in wanted}
    if name in {"terminal", "change_terminal"}:
        named = {"number": things["terminal_number"]}
    if name == "offer_file":
        named = {"file_id": things["offer_file_id"]}
    return reverse(f"backoffice:{name}", kwargs=named)


def ask(browser: Client, name: str, things: dict[str, object]) -> int:
    path = address(name, things)
    return (browser.post(path) if name in ONLY_POSTED else browser.get(path)).status_code


OF_ONE_THING = sorted(
    name for name, route in ROUTES.items() if set(route.pattern.converters) - set(EVERYBODYS) - {"language"}
)


def test_every_page_is_guarded():
    assert {route.callback for route in ROUTES.values()} <= set(GUARDED)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_without_signing_in_every_page_leads_to_the_sign_in(db, name):
    path = address(name, NEVER | {"number": 1, "index": 0})

    for response in (Client().get(path), Client().post(path)):
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/?next=/backoffice/")


@pytest.mark.parametrize("name", OF_ONE_THING)
def test_a_stranger_sees_the_page_of_nothing_at_all(anna, carla, name):
    ours, browser = things_of(anna), carla.confirmed_browser()
    never = ours | NEVER
    asked = browser.post if name in ONLY_POSTED else browser.get

    foreign, unknown = asked(address(name, ours)), asked(address(name, never))

    assert foreign.status_code == unknown.status_code == 404
    assert words(foreign) == words(unknown)


@pytest.mark.parametrize("name", OF_ONE_THING)
def test_their_owner_does_not(anna, name):
    assert ask(anna.confirmed_browser(), name, things_of(anna)) in (200, 302, 422)


@pytest.mark.parametrize("role", Role)
def test_each_role_reaches_exactly_what_its_table_says(alpenblick, carla, role):
    """Every address x this role x own and foreign things (AU-4): let in, refused, or not found; never broken."""
    person = somebody(alpenblick, "Somebody", role)
    things = things_of(somebody(alpenblick, "Anna", Role.OWNER)) | {"presence_id": presence_of(person)}
    foreign = things_of(carla)

    for name in sorted(ROUTES, key=lambda name: (name in ONLY_POSTED, name.endswith("_remove"), name)):
        is_permitted = GUARDED[ROUTES[name].callback] in PERMISSIONS[role]
        if name in OF_ONE_THING:
            told = ask(person.confirmed_browser(), name, foreign)
            assert told == (404 if is_permitted else 403), f"{name}, of another merchant"
        told = ask(person.confirmed_browser(), name, things)
        assert told in ((200, 302, 422) if is_permitted else (403,)), name


def presence_of(person: Person) -> int:
    """Somewhere else this person is signed in."""
    moment = clock.now()
    return int(Presence.objects.create(user=person.user, began_at=moment, seen_at=moment).pk)


def test_every_address_takes_what_it_is_sent_only_as_it_should_be_sent(anna):
    """The address of a button opened as a page leads to the page above; a page that is posted to changes nothing."""
    things = things_of(anna)

    for name in ROUTES:
        path = address(name, things)
        if name in ONLY_POSTED:
            assert anna.confirmed_browser().get(path).status_code == 302, name
        else:
            assert anna.confirmed_browser().post(path).status_code in (200, 302, 405, 422), name


@pytest.mark.parametrize("name", sorted(name for name in ROUTES if FRESH_ONES[name]))
def test_what_matters_most_is_done_only_by_somebody_who_has_just_shown_who_it_is(anna, name):
    response = anna.browser().post(address(name, things_of(anna)))

    assert response.status_code == 302
    assert response.url.startswith("/account/reauthenticate/?next=%2Fbackoffice%2Fsettings%2Fpeople%2F")


def test_only_managers_change_a_terminal(anna, beat):
    path = f"/backoffice/settings/terminals/{anna.terminal.number}/change"

    assert beat.browser().post(path, {"description": "Mine"}).status_code == 403
    assert anna.confirmed_browser().post(path, {"description": "Reception"}).status_code == 302

    anna.terminal.refresh_from_db()
    assert (anna.terminal.description, anna.terminal.automatic_closing) == ("Reception", False)


@pytest.mark.parametrize("name", ["offers", "offer_new"])
def test_without_the_licence_secure_paygate_is_not_there(anna, name):
    """SPG-REQ-01: without activation its menu is not there; its API comes with the APIs."""
    Licence.objects.update(features=[])
    browser = anna.browser()

    assert browser.get(reverse(f"backoffice:{name}")).status_code == 404
    assert "Secure PayGate" not in words(browser.get("/backoffice/"))


def test_somebody_of_no_merchant_is_told_so(anna):
    anna.member.delete()

    assert anna.browser().get("/backoffice/").status_code == 403


def test_where_money_is_real_a_second_factor_comes_first(anna):
    Merchant.objects.filter(pk=anna.merchant.pk).update(live=True)

    response = anna.browser().get("/backoffice/")

    assert (response.status_code, response.url) == (302, reverse("mfa_activate_totp"))


def test_no_page_is_kept_by_a_cache(anna):
    things, browser = things_of(anna), anna.browser()

    for name in set(ROUTES) - ONLY_POSTED:
        assert browser.get(address(name, things))["Cache-Control"] == "private, no-store", name


def test_without_its_token_no_form_is_taken(anna):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(anna.user, backend="django.contrib.auth.backends.ModelBackend")
    things = things_of(anna)

    assert {browser.post(address(name, things)).status_code for name in ONLY_POSTED} == {403}


def test_the_language_is_kept_for_the_person(anna):
    browser = anna.browser()

    response = browser.post("/backoffice/language/", {"language": "fr", "next": "https://elsewhere.example/"})

    anna.user.refresh_from_db()
    assert anna.user.language == "fr"
    assert response.url == "/backoffice/"
    assert '<html lang="fr">' in browser.get("/backoffice/").content.decode()


def test_who_works_for_two_merchants_chooses_one(anna, carla):
    with within(carla.merchant.pk):
        type(anna.member).objects.create(merchant=carla.merchant, user=anna.user, role=Role.READER)
    browser = anna.browser()

    browser.post("/backoffice/merchant/", {"merchant": carla.merchant.pk})
    page = browser.get("/backoffice/")

    assert "You are now working for Carla's Flowers" in words(page)
    assert browser.get("/backoffice/offers/new/").status_code == 403


def test_a_merchant_one_does_not_work_for_cannot_be_chosen(anna, carla):
    browser = anna.browser()

    browser.post("/backoffice/merchant/", {"merchant": carla.merchant.pk})

    assert "Carla" not in words(browser.get("/backoffice/"))


def test_an_address_that_leads_nowhere_shows_the_same_page_as_a_foreign_one(anna, carla):
    theirs = offer(carla.terminal)
    browser = anna.browser()

    nowhere, foreign = browser.get("/backoffice/nowhere/"), browser.get(f"/backoffice/offers/{theirs.pk}/")

    assert nowhere.status_code == foreign.status_code == 404
    assert words(nowhere) == words(foreign)


def test_every_right_is_asked_for_somewhere():
    assert set(GUARDED.values()) == set(Permission)


def refused_form(anna: Person, **headers: str) -> str:
    """What is said of a form that came without its token."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(anna.user)
    response = browser.post("/backoffice/language/", {"language": "de"}, headers=headers)
    assert response.status_code == 403
    return response.content.decode()


def test_a_form_that_is_too_old_leads_back_to_its_page_and_to_the_dashboard(anna):
    said = refused_form(anna, referer="http://testserver/backoffice/offers/new/?copy=1")

    assert "what you typed could not be kept" in said
    assert 'href="/backoffice/offers/new/?copy=1"' in said
    assert 'href="/backoffice/"' in said


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/backoffice/", "//evil.example/", "javascript:alert(1)"]
)
def test_a_form_that_is_too_old_leads_nowhere_else(anna, referer):
    said = refused_form(anna, referer=referer)

    assert ">Open the page again</a>" not in said
    assert "evil" not in said
