"""Templates and the start of a new link: what is proposed again and again (SPG-TPL, SPG-NEW)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.audit.models import AuditLine
from paygate.backoffice.offers.template_views import MOST_SHOWN
from paygate.designs.change import Look, remove_design, save_design
from paygate.merchants.models import Preferences, Role, Terminal, TerminalKind
from paygate.merchants.reach import system
from paygate.offers.models import Offer, OfferTemplate
from paygate.offers.offer_templates import save_template
from paygate.tenants.context import within
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, value_of, words
from tests.cast import Person, a_terminal, somebody
from tests.make.offers import offer

LIST, NEW_TEMPLATE = "/backoffice/offers/templates/", "/backoffice/offers/templates/new/"
START, NEW = "/backoffice/offers/start/", "/backoffice/offers/new/"


def template(person: Person, name: str = "Deposit", **terms: Any) -> OfferTemplate:
    """One that proposes CHF 150.00 as a deposit."""
    row = {
        "description": "Deposit for your room", "amount": "150.00", "currency": "CHF", "booking": "FINAL",
        "condition": "NONE", "language": "fr", "max_attempts": 3, "valid_for": 30,
    } | terms  # fmt: skip
    return save_template(name, person.terminal, row, by=person.actor, now=clock.now())


def form(person: Person, name: str = "Deposit", **changed: Any) -> dict[str, Any]:
    return {**filled(person.terminal, **{"payer_email": None, "form_id": None, **changed}), "name": name}


class TestStart:
    def test_create_new_link_leads_to_a_choice_of_its_own(self, beat):
        """SPG-NEW-01 to 05, SPG-TPL-11, 12. The "new window" of the seed is a page of its own: it can be bookmarked, is
        reached and left by keyboard and by the browser's own button, and no pop-up blocker stands in its way."""
        template(beat)
        overview = beat.browser().get("/backoffice/offers/")

        page = beat.browser().get(START)

        assert f'href="{START}"' in overview.content.decode()
        assert "An individual offer handles one specific payment" in words(page)
        assert "What you sell again and again is filled in already" in words(page)
        assert f'href="{NEW}" data-individual' in page.content.decode()
        assert "CHF 150.00 · Deposit for your room" in words(page)
        assert page.content.index(b"data-individual") < page.content.index(b"data-template=")

    def test_the_field_above_searches_the_templates(self, beat):
        """SPG-NEW-06, SPG-TPL-13: by name, description and terminal; without scripts by its button."""
        template(beat, "Deposit")
        template(beat, "Voucher", description="A voucher for two")

        by_name, by_text, by_terminal, nothing = (
            words(beat.browser().get(START, {"q": text}))
            for text in ("depo", "for two", beat.terminal.number, "xyz")
        )

        assert "Deposit" in by_name
        assert "Voucher" not in by_name
        assert "Voucher" in by_text
        assert "Deposit" in by_terminal
        assert "Voucher" in by_terminal
        assert "No template found." in nothing

    def test_each_word_that_is_looked_for_counts(self, beat):
        template(beat, "Deposit", description="Double room")
        template(beat, "Voucher", description="Double the fun")

        page = words(beat.browser().get(START, {"q": "room depo"}))

        assert "Deposit" in page
        assert "Voucher" not in page

    def test_where_there_is_nothing_to_choose_the_form_opens_at_once(self, beat):
        """SPG-NEW-02: it leads to the templates, for whoever sells the same again and again."""
        assert beat.browser().get(START).url == NEW

        page = beat.browser().get(NEW)

        assert "For repeated use: templates" in words(page)
        assert "A template keeps what you sell again and again" in words(beat.browser().get(LIST))

    def test_the_menu_marks_where_one_is(self, beat):
        kept = template(beat)
        marked = {
            START: START, NEW: START, LIST: LIST, NEW_TEMPLATE: LIST, f"{LIST}{kept.pk}/": LIST,
        }  # fmt: skip

        for address, entry in marked.items():
            assert f'<a href="{entry}" aria-current="page">' in beat.browser().get(address).content.decode()

    def test_hundreds_of_templates_are_found_by_searching(self, beat, django_assert_max_num_queries):
        for number in range(MOST_SHOWN + 2):
            template(beat, f"Room {number:03}")
        browser = beat.browser()

        with django_assert_max_num_queries(20):
            page = browser.get(START)

        assert page.content.count(b"data-template=") == MOST_SHOWN
        assert "There are more templates. Search for them." in words(page)
        assert "Room 051" in words(browser.get(START, {"q": "051"}))

    def test_a_card_number_that_is_looked_for_is_not_repeated(self, beat):
        template(beat)
        for address in (START, LIST):
            assert b"4111111111111111" not in beat.browser().get(address, {"q": "4111111111111111"}).content


class TestUse:
    def test_a_template_fills_the_form(self, beat):
        """SPG-NEW-07, SPG-TPL-10: its values, and the settings' where it has none; the deadline counts from now."""
        kept = template(beat, booking="PRE_AUTHORIZATION", letter={"subject": "Your deposit"})

        page = beat.browser().get(NEW, {"template": kept.pk})

        assert "Filled in with the template Deposit." in words(page)
        assert value_of(page, "amount") == "150.00"
        assert value_of(page, "description") == "Deposit for your room"
        assert value_of(page, "letter_subject") == "Your deposit"
        html = page.content.decode()
        assert '<option value="30" selected>' in html
        assert '<option value="fr" selected>' in html
        assert '<option value="3" selected>' in html

    def test_an_offer_is_made_of_it(self, beat):
        """SPG-TPL-10: the template stays as it is."""
        kept = template(beat)

        beat.browser().post(
            f"{NEW}?template={kept.pk}", filled(beat.terminal, amount="150.00", valid_for="30")
        )

        made = Offer.objects.get()
        assert made.amount.minor == 15000
        assert timedelta(days=29) < made.expires_at - clock.now() < timedelta(days=31)
        kept.refresh_from_db()
        assert kept.terms["amount"] == "150.00"

    @pytest.mark.parametrize("named", ["0", "99999999", "abc", "", "-1", "1" * 30])
    def test_a_template_that_is_not_there_is_not_found(self, beat, named):
        assert beat.browser().get(NEW, {"template": named}).status_code == 404

    def test_neither_is_a_foreign_one(self, anna, carla):
        kept = template(anna)

        assert carla.browser().get(NEW, {"template": kept.pk}).status_code == 404
        assert carla.browser().get(NEW_TEMPLATE, {"copy": kept.pk}).status_code == 404

    def test_what_no_longer_holds_is_said(self, beat):
        look = save_design(Look("Summer", "#0b5f6b"), by=system(beat.merchant.pk), now=clock.now())
        kept = template(beat, currency="EUR", design=look.pk)
        Contract.objects.filter(terminal=beat.terminal).update(currencies=["CHF"])
        remove_design(look.pk, by=system(beat.merchant.pk), now=clock.now())

        page = words(beat.browser().get(NEW, {"template": kept.pk}))

        assert "no longer takes its currency" in page
        assert "payment page configuration of this template is gone" in page

    def test_of_a_copy_it_is_said_too(self, beat):
        kept = template(beat, currency="EUR")
        Contract.objects.filter(terminal=beat.terminal).update(currencies=["CHF"])

        page = beat.browser().get(NEW_TEMPLATE, {"copy": kept.pk})

        assert "no longer takes its currency" in words(page)

    @pytest.mark.parametrize("gone", ["contracts", "kind"])
    def test_a_terminal_that_takes_no_payments_any_more_is_replaced_by_one_that_does(self, beat, gone):
        other = a_terminal(beat.merchant, "17000012", "Wellness")
        kept = save_template("Massage", other, {"currency": "CHF"}, by=beat.actor, now=clock.now())
        if gone == "contracts":
            Contract.objects.filter(terminal=other).update(active=False)
        else:
            Terminal.objects.filter(pk=other.pk).update(kind=TerminalKind.ECOM)

        for address in (f"{NEW}?template={kept.pk}", f"{LIST}{kept.pk}/"):
            page = beat.browser().get(address)
            assert "terminal of this template can no longer be used" in words(page)
            assert '<option value="CHF" selected>' in page.content.decode()


class TestKeep:
    def test_a_template_is_filled_in_like_an_offer_and_stands_in_the_list(self, beat):
        """SPG-TPL-01 to 03, 05 to 09: menu, button, form, name, terminal, every field, "Create", list."""
        browser = beat.browser()
        empty = browser.get(LIST)
        assert f'href="{LIST}"' in empty.content.decode()
        assert "Add new template" in words(empty)
        blank = browser.get(NEW_TEMPLATE)
        assert "Create" in words(blank)
        assert value_of(blank, "name") == ""

        response = browser.post(
            NEW_TEMPLATE,
            form(
                beat,
                "Voucher",
                amount="1'200.50",
                reference="V-",
                booking="AUTOMATIC",
                condition="NONE",
                notify_emails="till@example.org",
                max_attempts="0",
                valid_for="90",
                ask_email="MANDATORY",
                address_editable="on",
                by_email="on",
                letter_subject="Your voucher",
                confirmation_text="Enjoy {description}.",
                reply_to="desk@example.org",
                archive_email="archive@example.org",
            ),
        )

        assert response.url == LIST
        kept = OfferTemplate.objects.get()
        assert (kept.name, kept.terminal) == ("Voucher", beat.terminal)
        assert kept.terms == {
            "description": "Double room, one night", "reference": "V-", "amount": "1200.50", "currency": "CHF",
            "booking": "AUTOMATIC", "condition": "NONE", "language": "de", "by_email": True, "max_attempts": 0,
            "notify_emails": ["till@example.org"], "valid_for": 90, "ask_email": "MANDATORY",
            "address_editable": True, "confirm": True, "letter": {"subject": "Your voucher"},
            "confirmation": {"text": "Enjoy {description}."}, "reply_to": "desk@example.org",
            "archive_email": "archive@example.org",
        }  # fmt: skip
        shown = words(browser.get(LIST))
        assert "Voucher" in shown
        assert "CHF 1,200.50" in shown
        again = browser.get(NEW, {"template": kept.pk})
        assert value_of(again, "archive_email") == "archive@example.org"
        assert value_of(again, "notify_emails") == "till@example.org"

    def test_it_knows_no_buyer_and_no_date(self, beat):
        """SPG-TPL-04: an address is another one each time."""
        page = beat.browser().get(NEW_TEMPLATE).content.decode()
        beat.browser().post(NEW_TEMPLATE, form(beat, address_city="Bern", payer_email="guest@example.org"))

        for name in ("payer_email", "address_city", "address_first_name", "expires_on"):
            assert f'name="{name}"' not in page
        assert "Bern" not in str(OfferTemplate.objects.get().terms)
        assert "guest" not in str(OfferTemplate.objects.get().terms)

    def test_only_name_and_terminal_are_needed(self, beat):
        browser = beat.browser()

        assert browser.post(NEW_TEMPLATE, form(beat, description="", amount="", reference="")).url == LIST
        refused = browser.post(NEW_TEMPLATE, form(beat, "", amount="12,3456"))

        assert refused.status_code == 422
        assert error_at(refused, "name") == "Give the template a name."
        assert error_at(refused, "amount")
        assert OfferTemplate.objects.count() == 1

    def test_that_nobody_is_notified_is_kept(self, beat):
        """SPG-TPL-07: what is emptied stays empty, whatever the settings say."""
        Preferences.objects.update(notify_emails=["desk@example.org"])
        browser = beat.browser()
        assert value_of(browser.get(NEW_TEMPLATE), "notify_emails") == "desk@example.org"

        browser.post(NEW_TEMPLATE, form(beat, notify_emails=""))

        kept = OfferTemplate.objects.get()
        assert value_of(browser.get(NEW, {"template": kept.pk}), "notify_emails") == ""
        assert value_of(browser.get(f"{LIST}{kept.pk}/"), "notify_emails") == ""

    def test_a_name_is_given_once(self, anna, carla):
        template(anna)
        with within(carla.merchant.pk):
            template(carla)

        refused = anna.browser().post(NEW_TEMPLATE, form(anna))

        assert error_at(refused, "name") == "There is a template with this name already."
        assert value_of(refused, "amount") == "49.90"

    def test_no_card_number_is_kept(self, beat):
        refused = beat.browser().post(NEW_TEMPLATE, form(beat, "9010003150000001"))

        assert refused.status_code == 422
        assert b"9010003150000001" not in refused.content
        assert not OfferTemplate.objects.exists()

    def test_it_is_changed_copied_and_deleted_and_each_time_written_down(self, beat):
        kept, browser = template(beat), beat.browser()
        page = f"{LIST}{kept.pk}/"

        shown = browser.get(page)
        browser.post(page, form(beat, "Deposit 2027", amount="200", revision=value_of(shown, "revision")))
        copied = browser.get(NEW_TEMPLATE, {"copy": kept.pk})
        browser.post(NEW_TEMPLATE, form(beat, "Another"))
        deleted = browser.post(f"{page}delete/")

        assert value_of(shown, "name") == "Deposit"
        assert "Delete template" in words(shown)
        assert value_of(copied, "amount") == "200.00"
        assert deleted.url == LIST
        assert [one.name for one in OfferTemplate.objects.all()] == ["Another"]
        told = [line.detail for line in AuditLine.objects.filter(action="template changed").order_by("pk")]
        assert told[0]["terminal"] == {"old": None, "new": beat.terminal.number}
        assert told[1]["name"] == {"old": "Deposit", "new": "Deposit 2027"}
        assert told[1]["reference"] == {"old": None, "new": "2026-0412"}
        assert told[1]["amount"] == {"old": "150.00", "new": "200.00"}
        assert told[-1] == {"deleted": "Deposit 2027"}

    def test_saved_without_a_change_it_stays_as_it_was_and_nobody_is_told(self, beat):
        kept, browser = template(beat), beat.browser()
        page = f"{LIST}{kept.pk}/"
        browser.post(page, form(beat, revision=value_of(browser.get(page), "revision")))
        told, version = AuditLine.objects.count(), value_of(browser.get(page), "revision")

        again = browser.post(page, form(beat, revision=version))

        assert again.url == LIST
        assert AuditLine.objects.count() == told
        assert value_of(browser.get(page), "revision") == version

    def test_two_people_who_change_it_do_not_overwrite_each_other(self, beat):
        """The second is told, and keeps what was typed."""
        kept = template(beat)
        page, browser = f"{LIST}{kept.pk}/", beat.browser()
        seen = value_of(browser.get(page), "revision")

        browser.post(page, form(beat, amount="200", revision=seen))
        second = browser.post(page, form(beat, amount="300", revision=seen))
        unsaid = browser.post(page, form(beat, amount="400"))

        assert second.status_code == unsaid.status_code == 422
        assert "This template was changed meanwhile" in words(second)
        assert value_of(second, "amount") == "300"
        kept.refresh_from_db()
        assert kept.terms["amount"] == "200.00"

    def test_an_offer_becomes_a_template(self, beat):
        sold = offer(
            beat.terminal, description="Fondue for two", reference="F-17", payer_email="guest@example.org"
        )
        browser = beat.browser()

        page = browser.get(NEW_TEMPLATE, {"offer": sold.pk})

        assert "Save as template" in words(browser.get(f"/backoffice/offers/{sold.pk}/"))
        assert value_of(page, "description") == "Fondue for two"
        assert value_of(page, "reference") == ""
        assert b"guest@example.org" not in page.content

    def test_another_terminal_brings_its_currencies(self, beat):
        page = beat.browser().post(NEW_TEMPLATE, form(beat, button="terminal"))

        assert page.status_code == 200
        assert value_of(page, "name") == "Deposit"

    def test_who_only_reads_sees_the_list_and_changes_nothing(self, beat):
        kept = template(beat)
        reader = somebody(beat.terminal, "Rita", Role.READER).browser()

        shown = reader.get(LIST)

        assert "Deposit" in words(shown)
        assert "New link" not in words(shown)
        assert reader.post(f"{LIST}{kept.pk}/delete/").status_code == 403
        assert OfferTemplate.objects.exists()


def test_the_list_of_templates_asks_the_same_of_few_and_of_many(beat, django_assert_max_num_queries):
    for number in range(60):
        template(beat, f"Room {number:02}")
    browser = beat.browser()

    with django_assert_max_num_queries(20):
        first = browser.get(LIST)

    assert "60 templates" in words(first)
    assert "Room 00" in words(first)
    assert "Room 59" not in words(first)
