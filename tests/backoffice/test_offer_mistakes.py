"""What is wrong in the form of an offer is said at its field, and what was typed stays (MO-3, EM-2, CD-9, TM-5)."""

import pytest

from paygate.backoffice.models import UsedForm
from paygate.offers.models import Offer
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, value_of, words
from tests.make.offers import offer

NEW = "/backoffice/offers/new/"
VISA = "9010003150000001"


def test_to_be_sent_an_offer_needs_the_buyers_address(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, by_email="on", payer_email="", button="send"))

    assert "Enter the buyer's e-mail address" in error_at(response, "payer_email")
    assert not Offer.objects.exists()
    assert not UsedForm.objects.exists()


@pytest.mark.parametrize(
    "typed",
    ["0", "-5", "1e5", "4９.90", "1234567890123", "12.345", "ten", "", "NaN", "1.2.3", "٤٩", "Infinity"],
)
def test_an_amount_that_is_not_clear_is_refused_at_its_field_and_stays_typed(beat, typed):
    response = beat.browser().post(NEW, filled(beat.terminal, amount=typed))

    assert response.status_code == 422
    assert error_at(response, "amount")
    assert value_of(response, "amount") == typed
    assert value_of(response, "description") == "Double room, one night"
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@",
        "Anna <a@example.org>",
    ],
)
def test_a_buyers_address_is_one_mailbox(beat, typed):
    response = beat.browser().post(NEW, filled(beat.terminal, payer_email=typed))

    assert error_at(response, "payer_email")
    assert not Offer.objects.exists()


@pytest.mark.parametrize("field", ["description", "reference", "amount", "payer_email", "notify_emails"])
@pytest.mark.parametrize("number", [VISA, "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_a_card_number_is_refused_and_not_written_back(beat, caplog, field, number):
    response = beat.browser().post(NEW, filled(beat.terminal, **{field: number}))

    assert "looks like a card number" in error_at(response, field)
    assert number not in response.content.decode()
    assert number not in caplog.text
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("day", "words_said"),
    [
        ("2020-01-01", "at least one hour"),
        ("2199-01-01", "at most 180 days"),
        ("9999-12-31", "at most 180 days"),
        ("31.02.2026", "Enter a date"),
        ("", "Choose a date"),
    ],
)
def test_an_own_date_that_cannot_be_is_refused_at_its_field(beat, day, words_said):
    response = beat.browser().post(NEW, filled(beat.terminal, valid_for="own", expires_on=day))

    assert words_said in error_at(response, "expires_on")
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "much"}, "amount"),
        ({"description": ""}, "description"),
        ({"currency": "JPY"}, "currency"),
        ({"booking": "LATER"}, "booking"),
        ({"payer_email": "guest"}, "payer_email"),
        ({"notify_emails": "guest"}, "notify_emails"),
        ({"max_attempts": "2"}, "max_attempts"),
        ({"address_country": "XX"}, "address_country"),
        ({"by_email": "on", "payer_email": ""}, "payer_email"),
    ],
)
@pytest.mark.parametrize("edits", [False, True])
def test_all_mistakes_are_told_at_once(wrong, field, edits, beat):
    """What only the terms know was told in a second round, after all else was mended."""
    old = offer(beat.terminal)
    address = f"/backoffice/offers/{old.pk}/edit/" if edits else "/backoffice/offers/new/"
    over = {
        "valid_for": "own",
        "expires_on": "2020-01-01",
        "reference": "9010 0031 5000 0001",
        "revision": "1",
    }

    page = beat.browser().post(address, filled(beat.terminal, **over | wrong))

    assert page.status_code == 422
    assert error_at(page, field)
    assert "at least one hour" in error_at(page, "expires_on")
    assert "looks like a card number" in error_at(page, "reference")
    assert page.content.decode().count("at least one hour") == 2, "beside the field, and in the summary"


def test_a_damaged_form_says_so(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, form_id="abc"))

    assert response.status_code == 422
    assert "This form is damaged. Reload the page." in words(response)
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("booking", "FREE", "Choose one of the values in the list."),
        ("max_attempts", "77", "Choose one of the values in the list."),
        ("valid_for", "", "Please fill in this field."),
        ("description", "x" * 1001, "Write at most 1000 characters; these are 1001."),
        ("description", "a\0b", "This contains characters that cannot be seen."),
        ("terminal", "99999999", "Choose one of your terminals."),
    ],
)
def test_what_no_browser_sends_by_itself_is_refused_in_our_words(beat, field, sent, said):
    response = beat.browser().post(NEW, filled(beat.terminal, **{field: sent}))

    assert error_at(response, field) == said


def test_of_several_addresses_to_be_notified_the_wrong_one_is_named(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, notify_emails="a@x.example;b@x.example"))

    said = "“a@x.example;b@x.example” is not an e-mail address. Separate several by commas."
    assert error_at(response, "notify_emails") == said


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\x1c", "\n"])
@pytest.mark.parametrize("field", ["payer_email", "notify_emails"])
def test_what_cannot_be_seen_after_an_address_is_not_taken_for_a_space(beat, field, separator):
    """safety.md EM-2; a new line separates two of several addresses."""
    browser = beat.browser()

    response = browser.post(NEW, filled(beat.terminal, **{field: f"guest@example.org{separator}"}))

    is_refused = (field, separator) != ("notify_emails", "\n")
    assert (error_at(response, field) != "") is is_refused
    assert Offer.objects.exists() is not is_refused


def test_a_date_is_written_with_the_digits_0_to_9(beat):
    wide = "\uff12\uff10\uff12\uff17-03-27"

    response = beat.browser().post(NEW, filled(beat.terminal, valid_for="own", expires_on=wide))

    assert error_at(response, "expires_on") == "Enter a date, such as 31.12.2026."


def test_a_time_that_the_clocks_jump_over_is_refused(beat):
    wish = filled(beat.terminal, valid_for="own", expires_on="2027-03-28", expires_at_time="02:30")

    response = beat.browser().post(NEW, wish)

    assert "there is no 02:30" in error_at(response, "expires_at_time")
    assert not Offer.objects.exists()


def test_the_summary_lists_what_is_wrong_in_the_order_of_the_page(beat):
    wrong = filled(
        beat.terminal, amount="", description="", valid_for="own", expires_on="", notify_emails="x"
    )

    page = words(beat.browser().post(NEW, wrong))

    told = ["Amount: Enter an amount", "Own date: Choose a date", "Description: Say", "Payment notification:"]
    places = [page.index(one) for one in told]
    assert places == sorted(places)
