"""From a row to the terms of an offer: cells, behind them the template, behind that the settings (SPG-UPL-07)."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from django.utils.translation import gettext

from paygate.acquiring.models import Contract
from paygate.addresses import Address
from paygate.designs.change import Look, save_design
from paygate.languages import LANGUAGES
from paygate.mail.mailbox import MailboxRefused, parse_mailbox
from paygate.merchants.models import Booking, Licence, Preferences
from paygate.merchants.reach import system
from paygate.money.amount import Money
from paygate.offers.models import AskEmail, OfferTemplate
from paygate.offers.terms import LETTER_PARTS, OfferTerms
from paygate.offers.terms_row import terms_as_row
from paygate.threeds.liability import Condition
from paygate.uploads.columns import BY_KEY, COLUMNS
from paygate.uploads.row_terms import RowRead, RowReader
from paygate.uploads.values import READERS, CellRefused, Known
from tests.cast import Person, a_terminal

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ENOUGH = {"amount": "5", "currency": "CHF", "description": "Room"}


def read(person: Person, *, plain: bool = False, **cells: str | None) -> RowRead:
    """A row of these cells."""
    filled = {name: text for name, text in {**ENOUGH, **cells}.items() if text is not None}
    return RowReader(person.terminal, list(filled), plain=plain, now=NOW).read(list(filled.values()))


def wrong(person: Person, **cells: str | None) -> dict[str, str]:
    """What is wrong with a row, by column."""
    return {problem.field: str(problem.words) for problem in read(person, plain=False, **cells).problems}


# Shops ask their payers for these on a payment page of the JSON API; the form of an offer has no fields for them.
TOLD_BY_PROGRAMS = {"address_salutation", "address_state", "address_vat_number"}


def test_the_columns_cover_every_field_of_an_offer():
    """SPG-UPL-07."""
    covered = set(BY_KEY) - {"template", "currency"}
    wanted = {field.name for field in fields(OfferTerms)} - {
        "design_id", "address", "letter", "confirmation",
    }  # fmt: skip
    wanted |= {"design", *(f"address_{field.name}" for field in fields(Address))} - TOLD_BY_PROGRAMS
    wanted |= {f"{kind}_{part}" for kind in ("letter", "confirmation") for part in LETTER_PARTS}

    assert covered == wanted


@pytest.mark.parametrize(
    ("key", "text", "field", "value"),
    [
        ("amount", "1'234.50", "amount", Money(123450, "CHF")),
        ("amount", "1’234,50", "amount", Money(123450, "CHF")),
        ("amount", "49,9", "amount", Money(4990, "CHF")),
        ("currency", "eur", "amount", Money(500, "EUR")),
        ("expires_at", "2026-12-31", "expires_at", datetime(2026, 12, 31, 22, 59, tzinfo=UTC)),
        ("expires_at", "31.12.2026 18:00", "expires_at", datetime(2026, 12, 31, 17, tzinfo=UTC)),
        ("expires_at", "2026-12-31T18:00", "expires_at", datetime(2026, 12, 31, 17, tzinfo=UTC)),
        ("expires_at", "+14d", "expires_at", NOW + timedelta(days=14)),
        ("expires_at", "14 Tage", "expires_at", NOW + timedelta(days=14)),
        ("booking", "automatische Verbuchung", "booking", Booking.AUTOMATIC),
        ("booking", "PRE_AUTHORIZATION", "booking", Booking.PRE_AUTHORIZATION),
        ("condition", "liability shift", "condition", Condition.ATTEMPTED),
        ("condition", "WITH_SUCCESSFUL_THREE_DS_CHALLENGE", "condition", Condition.CHALLENGE),
        ("language", "Französisch", "language", "fr"),
        ("language", "DE-CH", "language", "de"),
        ("max_attempts", "0", "max_attempts", 0),
        ("max_attempts", "unbegrenzt", "max_attempts", 0),
        ("ask_email", "Pflicht", "ask_email", AskEmail.MANDATORY),
        ("payer_email", " Anna@Example.ORG ".strip(), "payer_email", "Anna@example.org"),
        (
            "notify_emails",
            "a@example.org; b@example.org",
            "notify_emails",
            ("a@example.org", "b@example.org"),
        ),
        ("address_country", "Schweiz", "address", Address(country="CH")),
        ("address_country", "ch", "address", Address(country="CH")),
        ("address_editable", "ja", "address_editable", True),
        ("confirm", "non", "confirm", False),
        ("save_means", "ja", "save_means", True),
        ("letter_text", "Dear {name},\nplease pay.", "letter", {"text": "Dear {name},\nplease pay."}),
    ],
)
def test_a_cell_fills_its_field(anna, key, text, field, value):
    found = read(anna, **{key: text})

    assert found.problems == ()
    assert getattr(found.terms, field) == value


def test_what_a_row_leaves_empty_comes_from_the_settings(anna):
    Preferences.objects.update(
        booking="AUTOMATIC", language="it", max_attempts=3, notify_emails=["a@example.org"]
    )

    terms = read(anna).terms

    assert (terms.booking, terms.language, terms.max_attempts) == ("AUTOMATIC", "it", 3)
    assert terms.notify_emails == ("a@example.org",)
    assert (terms.condition, terms.confirm, terms.expires_at) == (
        Condition.NONE,
        True,
        NOW + timedelta(days=14),
    )


def test_a_template_fills_in_what_the_row_leaves_empty(anna):
    """SPG-UPL-07: the row's own words win."""
    design = save_design(Look("House", "#0b5f6b"), by=system(anna.merchant.pk), now=NOW)
    kept = OfferTerms(
        amount=Money(9900, "EUR"), description="Weekend", reference="W", booking=Booking.AUTOMATIC, language="fr",
        expires_at=NOW + timedelta(days=30), max_attempts=10, design_id=design.pk, letter={"subject": "Bonjour"},
    )  # fmt: skip
    OfferTemplate.objects.create(
        merchant=anna.merchant, name="Week-end", terminal=anna.terminal, terms=terms_as_row(kept, now=NOW),
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip

    found = read(
        anna, amount="", currency=None, description="", reference="R-1", language="it", template="week end"
    )

    assert found.problems == ()
    assert found.terms.amount == Money(9900, "EUR")
    assert (found.terms.description, found.terms.reference, found.terms.language) == ("Weekend", "R-1", "it")
    assert (found.terms.booking, found.terms.max_attempts) == (Booking.AUTOMATIC, 10)
    assert (found.terms.design_id, found.terms.letter) == (design.pk, {"subject": "Bonjour"})
    assert found.terms.expires_at == NOW + timedelta(days=30)


def test_without_the_licence_no_card_is_stored(anna):
    """SPG-FRM-38: said of a cell; of a template, as in the form, left aside."""
    kept = OfferTerms(
        amount=Money(9900, "EUR"), description="Deposit", expires_at=NOW + timedelta(days=30), save_means=True
    )
    OfferTemplate.objects.create(
        merchant=anna.merchant, name="Deposit", terminal=anna.terminal, terms=terms_as_row(kept, now=NOW),
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    assert read(anna, template="Deposit").terms.save_means
    assert not read(anna, template="Deposit", save_means="no").terms.save_means

    Licence.objects.update(features=["SECURE_PAYGATE"])

    assert "Your licence has no Secure Card Data" in wrong(anna, save_means="yes")["save_means"]
    assert wrong(anna, save_means="no") == {}
    found = read(anna, template="Deposit")
    assert (found.problems, found.terms.save_means) == ((), False)


def test_the_amount_of_a_template_has_one_meaning(anna):
    """With three decimals "1.500" is written as a program writes it, not as somebody types it."""
    Contract.objects.filter(terminal=anna.terminal).update(currencies=["KWD"])
    kept = OfferTerms(amount=Money(1500, "KWD"), description="Weekend", expires_at=NOW + timedelta(days=30))
    OfferTemplate.objects.create(
        merchant=anna.merchant, name="Week-end", terminal=anna.terminal, terms=terms_as_row(kept, now=NOW),
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip

    found = read(anna, amount="", currency=None, template="Week-end")

    assert found.problems == ()
    assert found.terms.amount == Money(1500, "KWD")


def test_the_only_currency_of_a_terminal_need_not_be_said(anna):
    euros = a_terminal(anna.merchant, "17000012", VISA=("EUR",))

    assert read(Person(anna.member, euros), currency=None).terms.amount == Money(500, "EUR")
    assert "Choose a currency" in wrong(anna, currency=None)["currency"]


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("amount", "", "Enter an amount."),
        ("amount", "1.234", "can be read in two ways"),
        ("amount", "-5", "cannot be negative"),
        ("amount", "0", "more than zero"),
        ("amount", "5.0011", "CHF has 2 decimals"),
        ("amount", "1e3", "without an exponent"),
        ("amount", "five", "not an amount"),
        ("currency", "JPY", "This terminal takes CHF, EUR"),
        ("currency", "francs", "This terminal takes CHF, EUR"),
        ("description", "", "Say in a few words"),
        ("description", "x" * 1001, "At most 1000 characters"),
        ("reference", "x" * 81, "At most 80 characters"),
        ("reference", "a\nb", "Use one line"),
        ("payer_email", "anna", "not a complete e-mail address"),
        ("by_email", "maybe", "Write one of these: yes, no."),
        ("language", "Latin", "Write one of these: en, de, fr, it."),
        ("expires_at", "soon", "Write a date such as 2026-12-31"),
        ("expires_at", "31.02.2027", "There is no such day"),
        ("expires_at", "2026-11-26 13:30", "at least one hour"),
        ("expires_at", "+181d", "at most 180 days"),
        ("expires_at", "2027-03-28 02:30", "The clocks go forward"),
        ("booking", "later", "Write one of these: FINAL, PRE_AUTHORIZATION, AUTOMATIC."),
        ("condition", "strict", "Write one of these: NONE, LIABILITY_SHIFT, CHALLENGE."),
        ("max_attempts", "7", "Write one of these: 0, 1, 3, 5, 10."),
        ("ask_email", "perhaps", "Write one of these: NO, OPTIONAL, MANDATORY."),
        ("notify_emails", "a@example.org, b", "“b”"),
        ("address_country", "Atlantis", "Write the two letters of a country"),
        ("address_zip", "x" * 21, "At most 20 characters"),
        ("template", "Weekend", "You have no template"),
        ("design", "House", "You have no payment page configuration"),
        ("letter_subject", "Pay {amout}", "There is no placeholder {amout}"),
    ],
)  # fmt: skip
def test_a_wrong_cell_says_what_would_be_right(anna, key, text, words):
    found = wrong(anna, **{key: text})

    assert list(found) == [key]
    assert words in found[key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_be_right_is_said_and_taken_in_the_language_of_the_page(anna, language):
    with translation.override(language):
        said = wrong(anna, by_email="maybe")["by_email"]
        yes, no = gettext("yes"), gettext("no")

    assert f": {yes}, {no}." in said
    assert read(anna, by_email=yes, payer_email="anna@example.org").terms.by_email
    assert not read(anna, by_email=no).terms.by_email


def test_every_problem_of_a_row_is_told_at_once(anna):
    assert set(wrong(anna, amount="five", payer_email="x", expires_at="soon", description="")) == {
        "amount", "payer_email", "expires_at", "description",
    }  # fmt: skip


def test_a_letter_needs_an_address(anna):
    assert "to send the offer" in wrong(anna, by_email="yes")["payer_email"]


def test_an_unknown_template_names_those_there_are(anna):
    of_anna = {"merchant": anna.merchant, "terminal": anna.terminal}
    OfferTemplate.objects.create(name="Gift", created_at=NOW, changed_at=NOW, **of_anna)

    assert wrong(anna, template="Weekend")["template"] == "Write one of these: “Gift”."


def test_a_row_with_more_cells_than_the_header_is_wrong_as_a_whole(anna):
    reader = RowReader(anna.terminal, list(ENOUGH), plain=False, now=NOW)

    (problem,) = reader.read([*ENOUGH.values(), "50"]).problems

    assert problem.field == ""
    assert "4 cells and the header 3" in str(problem.words)


def test_a_number_of_a_workbook_has_one_meaning(anna):
    desk = a_terminal(anna.merchant, "17000012", VISA=("KWD",))

    found = read(Person(anna.member, desk), plain=True, currency="KWD", amount="1.234")

    assert found.terms.amount == Money(1234, "KWD")


@pytest.mark.parametrize(
    "typed",
    ["a@b.ch", "Anna.B+x_y-z@Example.COM", ".a@b.ch", "a.@b.ch", "a..b@b.ch", "a@", "@b.ch", "a@b", "a@b@c.ch",
     "ü@b.ch", "a@bücher.ch", "a b@c.ch",
     "x" * 65 + "@b.ch", "a@" + "b" * 64 + ".ch", "a@-b.ch", "a\u200b@b.ch", "a@b.ch\n"],
)  # fmt: skip
def test_the_quick_way_of_reading_an_address_reads_it_like_the_form(typed):
    def quick() -> str:
        known = Known(NOW, NOW.tzinfo)  # type: ignore[arg-type]  # no time is read
        return str(READERS[BY_KEY["payer_email"].holds](BY_KEY["payer_email"], typed, known))

    try:
        right = parse_mailbox(typed)
    except MailboxRefused:
        with pytest.raises(CellRefused):
            quick()
    else:
        assert quick() == right


@pytest.mark.parametrize(
    "column", [column for column in COLUMNS if column.example], ids=lambda column: column.key
)
def test_the_examples_of_the_specification_are_right(anna, column):
    cells = {column.key: column.example, "payer_email": "maria@example.org"} | {column.key: column.example}

    assert wrong(anna, **cells) == {}
