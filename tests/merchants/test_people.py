"""Who works here: roles change, people leave, and an owner stays (safety.md AU-3, AU-4)."""

import pytest
from allauth.mfa.models import Authenticator

from paygate import clock
from paygate.accounts.models import Presence
from paygate.audit.models import AuditLine
from paygate.merchants.models import Member, Preferences, Role
from paygate.merchants.people import (
    NotOneself,
    OwnerNeeded,
    change_role,
    people_of,
    remove,
    require_second_factor,
)
from paygate.merchants.reach import NotPermitted, system
from paygate.refusals import NotFound
from tests.cast import somebody


@pytest.fixture
def now():
    return clock.now()


def test_a_new_role_ends_the_sign_ins_of_its_person(anna, beat, now):
    Presence.objects.create(user=beat.user, began_at=now, seen_at=now)

    change_role(beat.member.pk, Role.CASHIER, by=anna.actor, now=now)

    beat.member.refresh_from_db()
    assert beat.member.role == Role.CASHIER
    assert not Presence.objects.exists()
    line = AuditLine.objects.get()
    assert (line.action, line.by, line.subject) == (
        "role changed",
        anna.actor.name,
        f"person:{beat.user.email}",
    )
    assert line.detail == {"role": {"old": "CLERK", "new": "CASHIER"}}


def test_the_same_role_changes_nothing(anna, beat, now):
    change_role(beat.member.pk, Role.CLERK, by=anna.actor, now=now)

    assert not AuditLine.objects.exists()


def test_who_is_removed_is_signed_out_and_gone(anna, beat, now):
    browser = beat.browser()
    assert browser.get("/backoffice/").status_code == 200

    remove(beat.member.pk, by=anna.actor, now=now)

    assert not Member.objects.filter(pk=beat.member.pk).exists()
    assert browser.get("/backoffice/").status_code == 302
    assert AuditLine.objects.get().action == "person removed"


def test_nobody_changes_or_removes_themselves(anna, now):
    with pytest.raises(NotOneself):
        change_role(anna.member.pk, Role.READER, by=anna.actor, now=now)
    with pytest.raises(NotOneself):
        remove(anna.member.pk, by=anna.actor, now=now)


def test_the_last_owner_stays(anna, now):
    by = system(anna.merchant.pk)

    with pytest.raises(OwnerNeeded):
        remove(anna.member.pk, by=by, now=now)
    with pytest.raises(OwnerNeeded):
        change_role(anna.member.pk, Role.MANAGER, by=by, now=now)

    somebody(anna.terminal, "Olga", Role.OWNER)
    remove(anna.member.pk, by=by, now=now)


def test_only_owners_may(alpenblick, beat, now):
    manager = somebody(alpenblick, "Mara", Role.MANAGER)

    for change in (
        lambda: change_role(beat.member.pk, Role.OWNER, by=manager.actor, now=now),
        lambda: remove(beat.member.pk, by=manager.actor, now=now),
        lambda: require_second_factor(True, by=manager.actor, now=now),
    ):
        with pytest.raises(NotPermitted):
            change()


def test_a_foreign_member_is_not_found(anna, carla, now):
    with pytest.raises(NotFound):
        remove(carla.member.pk, by=anna.actor, now=now)
    with pytest.raises(NotFound):
        change_role(anna.member.pk, "KING", by=anna.actor, now=now)


def test_the_rule_of_the_second_factor_is_put_down_when_it_changes(anna, now):
    require_second_factor(True, by=anna.actor, now=now)
    require_second_factor(True, by=anna.actor, now=now)

    assert Preferences.objects.get().second_factor_required
    assert AuditLine.objects.get().detail == {"required": {"old": False, "new": True}}


def test_recovery_codes_alone_are_no_second_factor(anna):
    codes = Authenticator.objects.create(user=anna.user, type="recovery_codes", data={})
    assert second_factors_at(anna.merchant.pk) == [False]

    Authenticator.objects.filter(pk=codes.pk).update(type="totp")
    assert second_factors_at(anna.merchant.pk) == [True]


def second_factors_at(merchant_id):
    return [one.__dict__["has_second_factor"] for one in people_of(merchant_id)]
