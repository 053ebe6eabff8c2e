"""Inviting a person: one link, for seven days, used once (safety.md AU-1, AU-4)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.mail.mailbox import MailboxRefused
from paygate.merchants.invite import (
    InvitationOver,
    InvitationRefused,
    accept,
    invite,
    join,
    link_of,
    read,
    withdraw,
)
from paygate.merchants.models import Invitation, Member, Role
from paygate.merchants.reach import NotPermitted
from paygate.refusals import NotFound
from paygate.tenants.context import across_tenants
from tests.accounts.letters import arrived

PASSWORD = "seven purple mountains"


@pytest.fixture
def now():
    return clock.now()


def invited(anna, now, email="Dora@Example.org", **wish):
    return invite(
        anna.merchant, email=email, **{"role": Role.CLERK, "language": "de"} | wish, by=anna.actor, now=now
    )


def token(invitation):
    return link_of(invitation).rstrip("/").rpartition("/")[2]


def test_the_letter_is_in_the_persons_language_and_leads_to_the_link(anna, now):
    invitation = invited(anna, now, language="fr")

    (letter,) = arrived()

    assert (letter.mail.recipient, letter.mail.language) == ("dora@example.org", "fr")
    assert link_of(invitation) in letter.parts.text
    assert "Anna" in letter.parts.text
    assert anna.merchant.name in letter.parts.text


def test_whoever_accepts_works_here(anna, now):
    invitation = invited(anna, now)

    member = accept(read(token(invitation), now=now), name="Dora Dubs", password=PASSWORD, now=now)

    assert (member.role, member.merchant, member.user.email) == (
        Role.CLERK,
        anna.merchant,
        "dora@example.org",
    )
    assert (member.user.name, member.user.language) == ("Dora Dubs", "de")
    assert member.user.check_password(PASSWORD)
    assert list(AuditLine.objects.order_by("pk").values_list("action", "by")) == [
        ("person invited", anna.actor.name),
        ("person joined", f"member:{member.pk}"),
    ]


def test_a_link_works_once(anna, now):
    invitation = invited(anna, now)
    seen_twice = read(token(invitation), now=now)
    accept(read(token(invitation), now=now), name="Dora", password=PASSWORD, now=now)

    with pytest.raises(InvitationOver):
        read(token(invitation), now=now)
    with pytest.raises(InvitationOver):
        accept(seen_twice, name="Dora", password=PASSWORD, now=now)


def test_a_link_works_for_seven_days(anna, now):
    invitation = invited(anna, now)

    read(token(invitation), now=now + timedelta(days=6, hours=23))
    with pytest.raises(InvitationOver):
        read(token(invitation), now=now + timedelta(days=7))


def test_a_withdrawn_or_replaced_link_works_no_more(anna, now):
    first = invited(anna, now)
    second = invited(anna, now, role=Role.CASHIER)
    with pytest.raises(InvitationOver):
        read(token(first), now=now)

    withdraw(second.pk, by=anna.actor, now=now)

    with pytest.raises(InvitationOver):
        read(token(second), now=now)
    with pytest.raises(NotFound):
        withdraw(second.pk, by=anna.actor, now=now)


@pytest.mark.parametrize("change", ["x", "", "1:2:3"])
def test_a_link_that_is_not_ours_leads_nowhere(anna, now, change):
    with pytest.raises(InvitationOver):
        read(token(invited(anna, now))[:-1] + change if change else "", now=now)


def test_who_works_here_already_is_not_invited(anna, beat, now):
    with pytest.raises(InvitationRefused, match="works here already"):
        invited(anna, now, email=beat.user.email)


def test_nonsense_is_not_invited(anna, now):
    with pytest.raises(MailboxRefused):
        invited(anna, now, email="a@example.org, b@example.org")
    with pytest.raises(InvitationRefused):
        invited(anna, now, role="KING")


def test_only_owners_invite_and_withdraw(anna, beat, now):
    invitation = invited(anna, now)

    with pytest.raises(NotPermitted):
        invited(beat, now, email="other@example.org")
    with pytest.raises(NotPermitted):
        withdraw(invitation.pk, by=beat.actor, now=now)


def test_another_merchant_does_not_withdraw_it(anna, carla, now):
    with pytest.raises(NotFound):
        withdraw(invited(anna, now).pk, by=carla.actor, now=now)


def test_not_more_than_fifty_wait(anna, now):
    for number in range(50):
        invited(anna, now, email=f"guest{number}@example.org")

    with pytest.raises(InvitationRefused, match="Too many"):
        invited(anna, now, email="one-more@example.org")
    assert Invitation.objects.filter(ended_at=None).count() == 50


def test_who_has_an_account_joins_with_it(anna, carla, now):
    invitation = invited(anna, now, email=carla.user.email)
    with pytest.raises(InvitationOver):
        accept(invitation, name="Carla", password=PASSWORD, now=now)
    with pytest.raises(InvitationOver):
        join(invitation, anna.user, now=now)

    join(invitation, carla.user, now=now)

    with across_tenants():
        assert Member.objects.filter(user=carla.user).count() == 2
