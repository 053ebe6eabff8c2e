"""A new merchant has everything it needs, or nothing of it is there."""

from dataclasses import replace

import pytest

from paygate.accounts.models import User
from paygate.merchants.licence import Feature, features_known_to, with_features
from paygate.merchants.models import Licence, Member, Role, Terminal, TerminalKind
from paygate.merchants.open_account import AccountExists, Opening, open_account
from paygate.merchants.preferences import preferences_of, terms_in
from paygate.tenants.context import across_tenants, within
from paygate.tenants.models import Merchant
from tests.make.books import NOON

OPENING = Opening(
    customer_id="300003",
    name="Beck Roggen",
    owner_email="Dora@Roggen.example",
    owner_name="Dora",
    owner_password="correct horse battery",
    terminal_number="17000031",
    language="de",
)


@pytest.mark.django_db
class TestAnAccount:
    def test_has_terminal_owner_licence_and_settings(self):
        merchant = open_account(OPENING, now=NOON)

        assert (merchant.live, merchant.zone) == (False, "Europe/Zurich")
        with within(merchant.pk):
            terminal, member = Terminal.objects.get(), Member.objects.select_related("user").get()
            assert (terminal.number, terminal.kind, terminal.automatic_closing) == (
                "17000031",
                TerminalKind.SPG,
                True,
            )
            assert (member.role, member.user.email) == (Role.OWNER, "dora@roggen.example")
            assert member.user.check_password("correct horse battery")
            assert features_known_to(with_features().get()) == set(Feature)
            assert preferences_of(merchant.pk).notify_emails == [OPENING.owner_email]
            assert preferences_of(merchant.pk).language == "de"

    @pytest.mark.parametrize(
        "changes",
        [{"owner_email": "other@roggen.example"}, {"customer_id": "300004"}],
        ids=["number", "address"],
    )
    def test_that_exists_is_refused_and_leaves_nothing_behind(self, changes):
        open_account(OPENING, now=NOON)

        with pytest.raises(AccountExists):
            open_account(replace(OPENING, terminal_number="17000032", **changes), now=NOON)

        with across_tenants():
            assert (Merchant.objects.count(), User.objects.count(), Terminal.objects.count()) == (1, 1, 1)


def test_without_a_licence_there_are_no_features(anna):
    Licence.objects.all().delete()

    assert features_known_to(with_features().get()) == frozenset()


def test_without_saved_settings_there_are_the_defaults(carla):
    from paygate.merchants.models import Preferences

    with within(carla.merchant.pk):
        Preferences.objects.all().delete()
        assert preferences_of(carla.merchant.pk).max_attempts == 5
        assert terms_in(carla.merchant.pk, "de") is None
