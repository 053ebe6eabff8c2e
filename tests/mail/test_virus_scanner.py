"""Where the operator has set a virus scanner, no file goes out that it has not passed (safety.md UP-2)."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import transaction

from paygate.mail import virus_scanner
from paygate.mail.allowed_files import checked_file
from paygate.mail.file_refused import FileRefused
from paygate.mail.virus_scanner import NotScanned, scan
from paygate.merchants.models import TermsFile
from paygate.offers.models import OfferFile
from paygate.operations.check import findings
from paygate.outbound import CallInsideTransaction
from tests.backoffice.reading import error_at
from tests.backoffice.settings_form import save, terms_file
from tests.mail.made_files import GOOD
from tests.mail.pdfs import pdf
from tests.mail.scanners import FINDS_EVIL, clamd, command

EVIL = pdf(b"5 0 obj\n(EVIL)\nendobj\n")
LATER = "The file could not be checked for viruses just now. Choose it again in a few minutes."
FORM = "7b0d9bd2-6d4e-4f63-9a7e-3f1a5a2c9a10"


@pytest.fixture(params=["clamd at a socket", "clamd at a port", "a command"])
def scanner(request, settings, tmp_path) -> Iterator[None]:
    """Each kind of scanner, set for this installation."""
    with ExitStack() as stack:
        match request.param:
            case "clamd at a socket":
                settings.PAYGATE_VIRUS_SCANNER = stack.enter_context(clamd(tmp_path / "clamd.ctl"))
            case "clamd at a port":
                settings.PAYGATE_VIRUS_SCANNER = stack.enter_context(clamd())
            case _:
                settings.PAYGATE_VIRUS_SCANNER = FINDS_EVIL
        yield


@pytest.mark.parametrize("name", GOOD)
def test_a_clean_file_goes_out_as_before(scanner, name):
    assert checked_file(name, GOOD[name]).filename == name


def test_what_the_scanner_finds_is_named_with_the_file(scanner):
    with pytest.raises(FileRefused) as refused:
        checked_file("Offer.pdf", EVIL)

    assert (
        str(refused.value)
        == "“Offer.pdf”: The virus scanner has found something in the file: Win.Test.EVIL-1."
    )


def test_a_large_file_is_looked_at_to_its_end(scanner):
    large = pdf(b"% " + b"x" * 900_000 + b"EVIL\n")

    with pytest.raises(FileRefused, match="EVIL-1"):
        checked_file("Offer.pdf", large)


def test_without_a_scanner_nobody_is_asked(settings):
    settings.PAYGATE_VIRUS_SCANNER = ""

    assert checked_file("Offer.pdf", EVIL).content == EVIL


@pytest.fixture(
    params=[
        "clamd:///nowhere/clamd.ctl",
        "clamd://127.0.0.1:1",
        "/nowhere/scanner -",
        command("sys.exit(2)"),
        command("sys.stdin.close(); sys.exit(50)"),
        b"",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"nonsense OK\0",
        None,
    ],
    ids=[
        "no socket", "no server", "no program", "trouble", "other trouble", "no answer", "an error", "nonsense",
        "silence",
    ],
)  # fmt: skip
def no_scanner(request, settings, tmp_path, monkeypatch) -> Iterator[None]:
    """One is set, and gives no answer of use."""
    monkeypatch.setattr(virus_scanner, "SECONDS", 0.3 if request.param is None else 10)
    if isinstance(request.param, str):
        settings.PAYGATE_VIRUS_SCANNER = request.param
        yield
        return
    with clamd(tmp_path / "clamd.ctl", answer=request.param, silent=request.param is None) as setting:
        settings.PAYGATE_VIRUS_SCANNER = setting
        yield


def test_a_file_that_cannot_be_scanned_is_refused(no_scanner, caplog):
    with pytest.raises(FileRefused) as refused:
        checked_file("Offer.pdf", pdf())

    assert str(refused.value) == f"“Offer.pdf”: {LATER}"
    assert "a file could not be scanned" in caplog.text


@pytest.mark.django_db
def test_who_runs_the_installation_is_told(no_scanner):
    assert [one for one in findings() if one.startswith("The virus scanner does not answer")]


def test_a_command_that_hangs_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(virus_scanner, "SECONDS", 0.2)
    settings.PAYGATE_VIRUS_SCANNER = command("import threading; threading.Event().wait()")

    with pytest.raises(NotScanned, match="TimeoutExpired"):
        scan(b"x")


def test_nobody_waits_for_it_with_a_transaction_open(db, settings):
    settings.PAYGATE_VIRUS_SCANNER = FINDS_EVIL

    with pytest.raises(CallInsideTransaction), transaction.atomic():
        scan(b"x")


def test_of_several_files_the_others_stay(anna, settings):
    """The form keeps what was taken; the refused one is named beside it."""
    settings.PAYGATE_VIRUS_SCANNER = FINDS_EVIL
    files = [terms_file("House.pdf"), terms_file("Evil.pdf", EVIL)]

    told = anna.browser().post("/backoffice/offers/files/", {"form_id": FORM, "attachments": files}).json()

    assert [file["name"] for file in told["files"]] == ["House.pdf"]
    assert told["errors"] == [
        "“Evil.pdf”: The virus scanner has found something in the file: Win.Test.EVIL-1."
    ]
    assert OfferFile.objects.get().name == "House.pdf"


def test_while_the_scanner_is_away_what_was_attached_before_stays(anna, settings):
    browser = anna.browser()
    browser.post("/backoffice/offers/files/", {"form_id": FORM, "attachments": terms_file("House.pdf")})
    settings.PAYGATE_VIRUS_SCANNER = "/nowhere/scanner"

    told = browser.post("/backoffice/offers/files/", {"form_id": FORM, "attachments": terms_file("Map.pdf")})

    assert told.json() == {"files": [], "errors": [f"“Map.pdf”: {LATER}"]}
    assert OfferFile.objects.get().name == "House.pdf"


def test_terms_are_scanned_too(anna, settings):
    settings.PAYGATE_VIRUS_SCANNER = FINDS_EVIL

    response = save(anna, terms=terms_file("Terms.pdf", EVIL))

    assert (
        error_at(response, "terms") == "The virus scanner has found something in the file: Win.Test.EVIL-1."
    )
    assert not TermsFile.objects.exists()
