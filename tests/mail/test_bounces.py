"""Letters that come back (safety.md EM-8): `paygate bounce` reads them as a mail server pipes them."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError

from paygate.clock import now
from paygate.jobs.interface import run_due
from paygate.mail.archive import parts
from paygate.mail.bounces import return_path, why_refused
from paygate.mail.models import Mail
from paygate.merchants import returned as returned_letters
from paygate.operations import cli
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from tests.mail.conftest import LETTER
from tests.mail.returned import away, report

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bounce(monkeypatch, capsys):
    """Pipe a message into the command; its exit code. It never says anything."""

    def bounce(message: bytes, *arguments: str) -> object:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(message)))
        with pytest.raises(SystemExit) as ended:
            cli.main(["bounce", *arguments])
        assert capsys.readouterr() == ("", "")
        return ended.value.code

    return bounce


@pytest.fixture
def sent(send, post) -> Mail:
    """A letter that a mail server took."""
    mail: Mail = send()
    run_due()
    return mail


def notices() -> list[Mail]:
    return list(Mail.objects.filter(kind="returned"))


def test_each_message_has_an_envelope_sender_of_its_own(send, post):
    send(copy_to="archive@alpenblick.example")
    run_due()

    original, copy = sorted(post.received, key=lambda one: one.recipient, reverse=True)
    assert original.sender != copy.sender
    for received in post.received:
        local, _at, domain = received.sender.partition("@")
        assert domain == "paygate.localhost"
        assert len(local) <= 64


def test_a_permanent_failure_marks_the_letter_and_tells_the_merchant_once(sent, bounce, fresh):
    for _again in range(2):
        assert bounce(report(return_path(sent))) == 0

    mail = fresh(sent)
    assert mail.bounced_at is not None
    assert mail.bounce == "550 5.1.1 No such user here"
    assert mail.state == "DONE", "the server did accept it"
    (notice,) = notices()
    assert notice.recipient == "anna@alpenblick.example"
    read = parts(notice)
    assert "A letter to carla@example.org came back" in read.text
    assert "550 5.1.1 No such user here" in read.text
    assert f"/backoffice/letters/{sent.public_id}/" in read.text


def test_the_mail_server_may_say_whom_the_message_was_for(sent, bounce, fresh):
    assert bounce(report("undisclosed@example.org"), return_path(sent).upper()) == 0

    assert fresh(sent).bounced_at is not None


def test_a_delay_changes_nothing(sent, bounce, fresh):
    assert (
        bounce(report(return_path(sent), action="delayed", status="4.4.1", words="451 4.4.1 Timed out")) == 0
    )

    assert fresh(sent).bounced_at is None
    assert not notices()


@pytest.mark.parametrize(
    ("action", "status"), [("failed", "4.2.2"), ("delivered", "2.0.0"), ("relayed", "5.0.0")]
)
def test_what_is_no_permanent_failure_changes_nothing(action, status, sent, bounce, fresh):
    assert bounce(report(return_path(sent), action=action, status=status)) == 0

    assert fresh(sent).bounced_at is None


def test_an_automatic_answer_changes_nothing(sent, bounce, fresh):
    assert bounce(away(return_path(sent))) == 0

    assert fresh(sent).bounced_at is None


def test_a_forged_return_path_changes_nothing_and_is_answered_alike(sent, bounce, fresh):
    path = return_path(sent)
    local, _at, domain = path.partition("@")
    start, _dash, signature = local.rpartition("-")
    forged = [
        f"{start}-{'a' * 16}@{domain}",
        f"{start}-{signature[::-1]}@{domain}",
        f"{local}@evil.example",
        f"b-ffffffff-{'a' * 26}-{signature}@{domain}",
        "rezeption@paygate.localhost",
        "nobody",
        "",
    ]

    assert [bounce(report(one)) for one in forged] == [0] * len(forged)
    assert fresh(sent).bounced_at is None
    assert not notices()


def test_a_signature_is_good_for_one_letter_only(send, post, bounce, fresh):
    first, second = send(), send()
    start = return_path(second).partition("@")[0].rpartition("-")[0]
    signature = return_path(first).partition("@")[0].rpartition("-")[2]

    bounce(report(f"{start}-{signature}@paygate.localhost"))

    assert fresh(second).bounced_at is None


def test_one_merchants_signature_is_no_key_to_anothers_letters(sent, bounce, fresh):
    stranger = Merchant.objects.create(customer_id="200002", name="Carla", created_at=now())
    path = return_path(sent).replace(f"b-{sent.merchant_id:x}-", f"b-{stranger.pk:x}-")

    bounce(report(path))

    assert fresh(sent).bounced_at is None


@pytest.mark.parametrize(
    "message", [b"", b"\xff\x00nonsense", b"Content-Type: multipart/report\n\n--x", b"To: \n" * 5000]
)
def test_nonsense_is_taken_without_a_word(message, bounce, sent):
    assert bounce(message) == 0


def test_after_a_rotation_of_keys_letters_on_their_way_still_come_back(sent, bounce, fresh, settings):
    path = return_path(sent)
    settings.PAYGATE_VAULT_KEYS = {"new": "bmV3" * 10 + "bmU=", **settings.PAYGATE_VAULT_KEYS}

    bounce(report(path))

    assert fresh(sent).bounced_at is not None


def test_a_notice_that_comes_back_tells_nobody(sent, bounce):
    bounce(report(return_path(sent)))
    run_due()
    (notice,) = notices()

    assert bounce(report(return_path(notice))) == 0

    assert len(notices()) == 1


def test_without_a_reply_address_the_letter_is_marked_all_the_same(send, post, bounce, fresh):
    mail = send(reply_to="")
    run_due()

    bounce(report(return_path(mail)))

    assert fresh(mail).bounced_at is not None
    assert not notices()


def test_a_long_number_in_a_servers_answer_is_not_kept(sent, bounce, fresh):
    bounce(report(return_path(sent), words="550 5.1.1 card 9010 0031 5000 0001 unknown"))

    assert fresh(sent).bounce == "550 5.1.1 card … unknown"


def test_automatic_letters_no_longer_go_to_that_mailbox(sent, send, post, bounce, fresh):
    bounce(report(return_path(sent)))

    automatic = send(kind="confirmation", automatic=True)
    other = send(kind="confirmation", automatic=True, to="max@example.org")
    by_hand = send()
    run_due()

    assert (fresh(automatic).state, fresh(automatic).server_answer) == (
        "GIVEN_UP",
        "550 5.1.1 No such user here",
    )
    assert fresh(other).state == "DONE"
    assert fresh(by_hand).state == "DONE"


def test_once_somebody_has_written_there_by_hand_automatic_ones_go_again(sent, send, post, bounce):
    bounce(report(return_path(sent)))
    assert why_refused("carla@example.org")

    again = send(at=now() + timedelta(seconds=1))
    Mail.objects.filter(pk=again.pk).update(next_try_at=now())
    run_due()
    assert not why_refused("carla@example.org")

    bounce(report(return_path(again)))
    assert why_refused("carla@example.org")


def test_another_merchants_letters_go_on(sent, bounce):
    bounce(report(return_path(sent)))
    stranger = Merchant.objects.create(customer_id="200002", name="Carla", created_at=now())

    with within(stranger.pk):
        assert not why_refused(replace(LETTER).to)


def test_while_the_database_is_away_the_mail_server_tries_again(bounce, monkeypatch):
    def away_now(*_message: object, **_more: object) -> None:
        raise OperationalError

    monkeypatch.setattr(returned_letters, "take_returned", away_now)

    assert bounce(b"") == 75
