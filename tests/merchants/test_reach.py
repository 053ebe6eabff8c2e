"""Who is acting, and what they reach (safety.md TN-2, TN-4, AU-4)."""

import pytest

from paygate.merchants.models import Role, TerminalKind
from paygate.merchants.reach import Actor, NotPermitted, actor_of, system
from paygate.merchants.roles import PERMISSIONS, Permission
from paygate.refusals import Kind, NotFound
from paygate.tenants.context import across_tenants
from tests.cast import somebody

READS = {Permission.SEE_OFFERS, Permission.SEE_JOURNAL, Permission.SEE_LETTERS, Permission.SEE_SETTINGS}


@pytest.mark.parametrize(
    ("role", "besides_reading"),
    [
        (Role.READER, set()),
        (Role.CLERK, {Permission.EDIT_OFFERS}),
        (Role.CASHIER, {Permission.CAPTURE, Permission.CANCEL, Permission.CLOSE_BATCH}),
        (Role.REFUNDER, {Permission.REFUND}),
        (Role.AUDITOR, {Permission.SEE_PEOPLE, Permission.SEE_AUDIT}),
        (Role.MANAGER, set(Permission) - {Permission.EDIT_PEOPLE}),
        (Role.OWNER, set(Permission)),
    ],
)
def test_what_each_role_may_do(alpenblick, role, besides_reading):
    actor = somebody(alpenblick, "Dario", role).actor

    for permission in Permission:
        if permission in READS | besides_reading:
            actor.require(permission)
        else:
            with pytest.raises(NotPermitted) as refusal:
                actor.require(permission)
            assert refusal.value.kind is Kind.FORBIDDEN


def test_every_role_stands_in_the_table():
    assert set(PERMISSIONS) == set(Role)


def test_nobody_may_do_anything_by_default():
    with pytest.raises(NotPermitted):
        Actor(1, "nobody", frozenset()).require(Permission.SEE_OFFERS)


def test_an_actor_is_named_as_histories_name_it(anna):
    assert actor_of(anna.member).name == f"member:{anna.member.pk}"
    assert (system(7).merchant_id, system(7).name) == (7, "system")


def test_a_terminal_is_found_by_its_number(anna):
    assert anna.actor.terminal("17000011") == anna.terminal
    assert anna.actor.terminal("17000011", kind=TerminalKind.SPG) == anna.terminal


@pytest.mark.parametrize(
    ("number", "kind"), [("17000099", None), ("00000000", None), ("", None), ("17000011", TerminalKind.ECOM)]
)
def test_strange_and_unknown_terminals_look_the_same(anna, carla, number, kind):
    with across_tenants(), pytest.raises(NotFound) as refusal:
        anna.actor.terminal(number, kind=kind)

    assert (refusal.value.code, str(refusal.value)) == ("NOT_FOUND", "")
