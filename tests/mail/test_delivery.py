"""Delivery to a real mail server: accepted once, tried again with patience, given up in the end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connections, transaction

from paygate.clock import now
from paygate.jobs.interface import run_due, tally
from paygate.jobs.sweep import sweep
from paygate.lifecycle.moves import MoveRefused, history
from paygate.mail.archive import not_sent, raw
from paygate.mail.bounces import return_path
from paygate.mail.delivery import LEASE, deliver, wait_after
from paygate.mail.models import Mail
from paygate.mail.outbox import send_again
from paygate.outbound import CallInsideTransaction
from paygate.tenants.context import within
from tests.jobs.queue import lose_all_jobs
from tests.mail.post import free_port

pytestmark = pytest.mark.django_db


def in_thread(what: Callable[[], object]) -> Callable[[], None]:
    """Do it in a thread with a database connection of its own, and wait for it."""

    def run() -> None:
        try:
            what()
        finally:
            connections.close_all()

    def wait() -> None:
        thread = Thread(target=run)
        thread.start()
        thread.join()

    return wait


def test_what_the_server_gets_is_what_the_archive_has(send, post, fresh) -> None:
    mail = send()

    run_due()

    (received,) = post.received
    assert (received.sender, received.recipient) == (return_path(mail), "carla@example.org")
    assert b"From: Hotel Alpenblick <rezeption@paygate.localhost>" in received.content
    assert received.content == raw(mail)
    mail = fresh(mail)
    assert (mail.state, mail.server_answer, mail.tries) == ("DONE", "250 OK, queued as 4711", 0)
    assert mail.accepted_at is not None
    assert [step.new for step in history(mail)] == ["QUEUED", "DONE"]
    assert tally() == {"QUEUED": 0, "RUNNING": 0, "FAILED": 0}


def test_it_is_sent_once_however_often_it_is_asked_for(send, post) -> None:
    mail = send()

    assert [deliver(mail.pk, now=now()) for _ in range(3)] == [None, None, None]
    run_due()

    assert len(post.received) == 1


def test_without_a_server_it_is_kept_and_written_to_a_file(send, settings, fresh, files) -> None:
    settings.EMAIL_URL = ""
    mail = send(copy_to="archive@alpenblick.example")

    run_due()

    (file,) = files()
    assert file.read_bytes() == raw(mail)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.name.endswith(f"-{mail.public_id}.eml")
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    mail = fresh(mail)
    assert (mail.state, mail.accepted_at, mail.server_answer) == ("DONE", None, "")


def test_with_a_server_the_file_is_written_too_but_not_in_production(send, post, settings, files) -> None:
    send()
    run_due()
    assert len(files()) == 1

    settings.PAYGATE_ENV = "production"
    send()
    run_due()

    assert len(post.received) == 2
    assert len(files()) == 1


def test_nobody_waits_for_the_mail_server_with_a_transaction_open(send, post) -> None:
    mail = send()

    with pytest.raises(CallInsideTransaction), transaction.atomic():
        deliver(mail.pk, now=now())

    assert not post.received


def test_a_server_that_is_down_is_tried_again(send, settings, fresh) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    moment = now()
    mail = send(at=moment)

    again = deliver(mail.pk, now=moment)

    mail = fresh(mail)
    assert again == mail.next_try_at == moment + timedelta(minutes=1)
    assert (mail.state, mail.tries, mail.lease_until) == ("QUEUED", 1, None)
    assert "Connection refused" in mail.server_answer
    assert deliver(mail.pk, now=moment + timedelta(seconds=59)) == again


def test_the_job_comes_back_when_the_server_does(send, post, settings, fresh) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    mail = send()
    run_due()
    assert tally()["QUEUED"] == 1

    settings.EMAIL_URL = post.url
    run_due()
    assert not post.received
    settings.PAYGATE_CLOCK_OFFSET = "61"
    run_due()

    assert [received.content for received in post.received] == [raw(mail)]
    assert fresh(mail).state == "DONE"


@pytest.mark.parametrize("answer", ["451 Try later", "554 Looks like spam"])
def test_a_message_that_is_refused_is_tried_again(send, post, fresh, answer) -> None:
    post.data_answer = answer
    mail = send()

    run_due()

    mail = fresh(mail)
    assert (mail.state, mail.tries, mail.server_answer) == ("QUEUED", 1, answer)


def test_a_recipient_refused_for_now_is_tried_again(send, post, fresh) -> None:
    post.recipient_answers["carla@example.org"] = "450 Mailbox busy"
    mail = send()

    run_due()

    mail = fresh(mail)
    assert (mail.state, mail.server_answer) == ("QUEUED", "450 Mailbox busy")


def test_a_recipient_refused_for_good_is_given_up_at_once(send, post, fresh) -> None:
    post.recipient_answers["carla@example.org"] = "550 No such user here"
    mail = send()

    run_due()

    mail = fresh(mail)
    assert (mail.state, mail.tries, mail.server_answer) == ("GIVEN_UP", 1, "550 No such user here")
    assert list(not_sent()) == [mail]
    assert tally()["QUEUED"] == 0


def test_an_answer_that_never_came_repeats_the_same_letter(send, post, fresh) -> None:
    post.hangs_up = True
    mail = send()
    run_due()
    assert fresh(mail).state == "QUEUED"

    post.hangs_up = False
    deliver(mail.pk, now=fresh(mail).next_try_at)

    assert fresh(mail).state == "DONE"
    first, second = post.received
    assert first.content == second.content
    assert first.content.count(f"Message-ID: <{mail.public_id}@".encode()) == 1


def test_a_process_that_dies_leaves_a_letter_that_is_sent_again(send, post, fresh) -> None:
    mail = send()
    died_at = now()
    Mail.objects.filter(pk=mail.pk).update(lease_token=mail.public_id, lease_until=died_at + LEASE)

    assert deliver(mail.pk, now=died_at) == died_at + LEASE
    assert not post.received
    assert deliver(mail.pk, now=died_at + LEASE) is None

    assert len(post.received) == 1
    assert fresh(mail).state == "DONE"


@pytest.mark.django_db(transaction=True)
def test_a_result_that_comes_after_the_lease_is_refused(send, post, merchant, fresh) -> None:
    mail = send()
    others_lease = now() + 2 * LEASE

    def taken_by_another() -> None:
        with within(merchant.pk):
            Mail.objects.filter(pk=mail.pk).update(lease_token=uuid4(), lease_until=others_lease)

    post.meanwhile = in_thread(taken_by_another)

    assert deliver(mail.pk, now=now()) == others_lease
    assert (fresh(mail).state, fresh(mail).server_answer) == ("QUEUED", "")


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_one_letter_at_once(send, post, merchant, fresh) -> None:
    mail = send()
    second: list[datetime | None] = []

    def other_worker() -> None:
        with within(merchant.pk):
            second.append(deliver(mail.pk, now=now()))

    post.meanwhile = in_thread(other_worker)
    assert deliver(mail.pk, now=now()) is None

    assert len(post.received) == 1
    assert second[0] is not None
    assert second[0] > now()
    assert fresh(mail).state == "DONE"


def test_the_copy_fails_alone(send, post, fresh) -> None:
    post.recipient_answers["archive@alpenblick.example"] = "550 Mailbox full"
    mail = send(copy_to="archive@alpenblick.example")

    run_due()

    assert fresh(mail).state == "DONE"
    assert [received.recipient for received in post.received] == ["carla@example.org"]
    copy = mail.copies.get()
    assert copy.state == "GIVEN_UP"
    assert list(not_sent()) == [copy]


def test_the_original_fails_alone(send, post, fresh) -> None:
    post.recipient_answers["carla@example.org"] = "451 Later"
    mail = send(copy_to="archive@alpenblick.example")

    run_due()

    assert fresh(mail).state == "QUEUED"
    (received,) = post.received
    assert received.recipient == "archive@alpenblick.example"
    assert received.content == raw(mail)


def test_after_five_days_it_is_given_up_and_may_be_sent_again(send, post, settings, fresh) -> None:
    settings.EMAIL_URL = f"smtp://127.0.0.1:{free_port()}"
    begun = now()
    mail = send(at=begun)
    again: datetime | None = begun
    while again is not None:
        last, again = again, deliver(mail.pk, now=again)

    mail = fresh(mail)
    assert (mail.state, mail.tries) == ("GIVEN_UP", 25)
    assert timedelta(days=4, hours=12) < last - begun <= timedelta(days=5)

    settings.EMAIL_URL = post.url
    send_again(mail, by="member:1", now=last)
    assert deliver(mail.pk, now=last) is None

    assert [received.content for received in post.received] == [raw(mail)]
    assert [step.new for step in history(mail)] == ["QUEUED", "GIVEN_UP", "QUEUED", "DONE"]
    with pytest.raises(MoveRefused):
        send_again(fresh(mail), by="member:1", now=last)


def test_a_letter_sent_again_has_its_job(send, post, fresh) -> None:
    post.recipient_answers["carla@example.org"] = "550 No such user"
    mail = send()
    run_due()
    post.recipient_answers.clear()

    send_again(fresh(mail), by="member:1", now=now())
    run_due()

    assert fresh(mail).state == "DONE"


def test_the_pauses_grow() -> None:
    minutes = [wait.total_seconds() / 60 for wait in map(wait_after, range(1, 8)) if wait]

    assert minutes == [1, 5, 15, 60, 180, 360, 360]
    assert wait_after(24) is not None
    assert wait_after(25) is None


def test_a_queue_that_was_lost_loses_no_letter(send, post, fresh) -> None:
    mail = send()
    lose_all_jobs()

    sweep()
    run_due()

    assert len(post.received) == 1
    assert fresh(mail).state == "DONE"
    assert sweep() == 0


def test_the_log_names_neither_recipient_nor_words(send, post, caplog) -> None:
    post.recipient_answers["carla@example.org"] = "550 carla@example.org is unknown"
    send()
    with caplog.at_level("DEBUG"):
        run_due()

    # The server in this process writes a log of its own, which is not ours.
    ours = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "a mail was tried" in ours
    for words in ("carla", "Zimmer", "rezeption", "is unknown"):
        assert words not in ours
