"""Alarms reach whoever runs the installation by mail: each once, and no more than a letter an hour of a kind (LG-6)."""

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from paygate.alarms.kinds import AlarmKind
from paygate.alarms.raising import clear, raise_alarm
from paygate.jobs.registry import PERIODIC
from paygate.operations.check import findings
from paygate.operations.tasks import write_to_the_operators
from paygate.operations.tell import tell
from tests.mail.post import Post, open_post

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def post(settings) -> Iterator[Post]:
    """The operators' mail server."""
    with open_post() as post:
        settings.EMAIL_URL, settings.PAYGATE_ALARM_EMAIL = post.url, "operator@example.com"
        yield post


def subjects(post: Post) -> list[str]:
    return [str(read(one.content)["Subject"]) for one in post.received]


def read(message: bytes) -> email.message.EmailMessage:
    found = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


def text_of(message: bytes) -> str:
    body = read(message).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_it_is_looked_at_once_a_minute():
    periodic = PERIODIC["operations.tell"]
    assert (periodic.minutes, periodic.function) == (1, write_to_the_operators)


def test_an_alarm_is_told_once_with_what_it_is_about(post, anna):
    raise_alarm(AlarmKind.DISK, "disk", merchant_id=None, now=NOON, detail="93 MB free")
    raise_alarm(AlarmKind.BATCH, "17000011-1", merchant_id=anna.merchant.pk, now=NOON, detail="REFUSED")

    assert sorted(tell(now=NOON)) == [AlarmKind.BATCH, AlarmKind.DISK]
    assert tell(now=NOON + 3 * 60 * MINUTE) == [], "one that stands is not told again"

    assert sorted(subjects(post)) == [
        "TEST: BATCH: A batch is not with the acquirer.",
        "TEST: DISK: The disk is nearly full.",
    ]
    batch, disk = sorted(post.received, key=lambda one: subjects(post)[post.received.index(one)])
    assert (disk.sender, disk.recipient) == ("paygate@paygate.localhost", "operator@example.com")
    assert "2026-11-23 12:00 UTC  disk  (93 MB free)" in text_of(disk.content)
    assert "merchant 100001  17000011-1  (REFUSED)" in text_of(batch.content)
    assert "Alpenblick" not in text_of(batch.content)


def test_of_one_kind_there_is_one_letter_an_hour_with_all_that_came_since(post, anna, carla):
    def refused(person, subject, minutes):
        raise_alarm(AlarmKind.BATCH, subject, merchant_id=person.merchant.pk, now=NOON + minutes * MINUTE)

    refused(anna, "17000011-1", 0)
    assert tell(now=NOON) == [AlarmKind.BATCH]
    refused(anna, "17000011-2", 10)
    refused(carla, "17000099-1", 20)
    raise_alarm(AlarmKind.CLOCK, "clock", merchant_id=None, now=NOON + 20 * MINUTE)

    assert tell(now=NOON + 59 * MINUTE) == [AlarmKind.CLOCK], "another kind does not wait"
    assert tell(now=NOON + 60 * MINUTE) == [AlarmKind.BATCH]

    said = text_of(post.received[-1].content)
    assert "17000011-2" in said
    assert "17000099-1" in said
    assert "17000011-1" not in said


def test_what_is_well_again_before_anybody_could_be_told_is_not_told(post):
    raise_alarm(AlarmKind.DISK, "disk", merchant_id=None, now=NOON)
    clear(AlarmKind.DISK, "disk", merchant_id=None, now=NOON + MINUTE)

    assert tell(now=NOON + 2 * MINUTE) == []
    assert post.received == []


def test_what_is_raised_anew_is_told_anew(post):
    raise_alarm(AlarmKind.DISK, "disk", merchant_id=None, now=NOON)
    tell(now=NOON)
    clear(AlarmKind.DISK, "disk", merchant_id=None, now=NOON + MINUTE)
    raise_alarm(AlarmKind.DISK, "disk", merchant_id=None, now=NOON + 2 * MINUTE)

    assert tell(now=NOON + 2 * MINUTE) == [], "not within the hour"
    assert tell(now=NOON + 60 * MINUTE) == [AlarmKind.DISK]


def test_a_letter_that_was_not_taken_is_tried_again(post):
    raise_alarm(AlarmKind.DISK, "disk", merchant_id=None, now=NOON)
    post.data_answer = "451 not now"
    assert tell(now=NOON) == []
    post.data_answer = "250 OK"

    assert tell(now=NOON + MINUTE) == [AlarmKind.DISK]
    assert len(post.received) == 1


def test_a_long_list_is_cut(post):
    for number in range(23):
        raise_alarm(AlarmKind.MISSING, f"payment-{number:02}", merchant_id=None, now=NOON + number * MINUTE)

    tell(now=NOON + 30 * MINUTE)

    said = text_of(post.received[0].content)
    assert "payment-19" in said
    assert "payment-20" not in said
    assert "and 3 more." in said


def test_without_an_address_or_a_server_nobody_is_written_to(settings, post):
    raise_alarm(AlarmKind.DISK, "disk", merchant_id=None, now=NOON)
    settings.PAYGATE_ALARM_EMAIL = ""
    assert tell(now=NOON) == []
    assert "PAYGATE_ALARM_EMAIL is not set: nobody is told of alarms by mail." in findings()
    settings.PAYGATE_ALARM_EMAIL, settings.EMAIL_URL = "operator@example.com", ""

    assert tell(now=NOON) == []
    assert post.received == []
