"""`paygate repair --once` and `paygate outbox --once` do what is due, and say what (safety.md TE-4)."""

import pytest

from paygate.acquiring.models import Contract
from paygate.acquiring.simulator.faults import set_fault
from paygate.operations.check import findings
from paygate.operations.cli import main
from paygate.operations.serve import CannotServe, _serve
from tests.flows.buyer import MASTERCARD, Buyer
from tests.jobs.queue import lose_all_jobs
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def paid_with_a_lost_answer() -> Link:
    link = desk().link()
    set_fault("AUTH", "drop_after_commit")
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    return link


def test_repair_asks_about_what_is_unanswered_and_sends_no_letters(settings, capsys):
    link = paid_with_a_lost_answer()
    lose_all_jobs()
    settings.PAYGATE_CLOCK_OFFSET = "3"

    assert run("repair", "--once") == 0

    assert "authorizations asked about: 1" in capsys.readouterr().out
    assert link.state == "PAID"
    assert {letter.state for letter in link.desk.letters} == {"QUEUED"}


def test_outbox_delivers_letters_and_asks_nobody(settings, capsys):
    link = paid_with_a_lost_answer()
    other = link.desk.link()
    carla = Buyer()
    carla.open(other)
    carla.pay_by_card(MASTERCARD)
    lose_all_jobs()
    settings.PAYGATE_CLOCK_OFFSET = "3"

    assert run("outbox", "--once") == 0

    assert "letters tried: 2" in capsys.readouterr().out
    assert {letter.state for letter in link.desk.letters} == {"DONE"}
    assert link.attempt.state == "UNKNOWN"


def test_a_failure_is_told_of(settings, capsys, monkeypatch):
    paid_with_a_lost_answer()
    settings.PAYGATE_CLOCK_OFFSET = "3"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("paygate.checkout.loose_ends.conclude", broken)

    assert run("repair", "--once") == 1
    assert "1 failed" in capsys.readouterr().err


def test_a_terminal_with_two_acquirers_for_its_batch_is_not_fit():
    """docs/decisions/0009."""
    hotel = desk()
    assert not [one for one in findings() if "its batch goes to one" in one]

    with hotel.in_view():
        Contract.objects.filter(method="MASTERCARD").update(acquirer_merchant_id="ELSEWHERE")

    assert [one for one in findings() if "its batch goes to one" in one]


def test_languages_that_were_never_compiled_are_told_of(settings, tmp_path):
    """A page that is silently English would be found by a buyer."""
    assert not [one for one in findings() if "translations" in one]
    for language in ("de", "fr"):
        (tmp_path / language / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / language / "LC_MESSAGES" / "django.po").touch()
    (tmp_path / "fr" / "LC_MESSAGES" / "django.mo").touch()

    settings.LOCALE_PATHS = [tmp_path]

    assert [one for one in findings() if "translations are not compiled (de)" in one]
    with pytest.raises(CannotServe, match="not compiled"):
        _serve("127.0.0.1", demo=False)
