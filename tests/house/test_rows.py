"""Rows of merchants belong to merchants, and the schema is what the models say (safety.md TN-1)."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import UniqueConstraint

from paygate.tenants.owned import OwnedManager, TenantOwned
from paygate.tenants.walls import owned_models

OURS = [model for model in apps.get_models() if model.__module__.startswith("paygate.")]

# Rows that belong to the installation, not to a merchant.
NOBODYS = {
    "tenants.Merchant",
    "accounts.User",
    "accounts.Presence",
    "accounts.UsedPassword",
    "limits.Counter",
    "aliases.VaultKey",
    "jobs.Job",
    "alarms.OperatorsAlarm",
    "operations.Violation",
}

# Unique over all merchants: secrets and names that are looked up before the merchant is known, or sent to others.
UNIQUE_FOR_ALL = {
    "journal.Movement.request_id",
    "checkout.Session.token",
    "credentials.Credential.user_name",
}


def test_every_row_has_a_merchant_or_is_nobodys():
    assert {model._meta.label for model in OURS if not issubclass(model, TenantOwned)} <= NOBODYS


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
class TestARowOfAMerchant:
    def test_names_the_merchant_always(self, model):
        assert not model._meta.get_field("merchant").null

    def test_is_read_through_the_manager_that_knows_the_context(self, model):
        assert isinstance(model._default_manager, OwnedManager)
        assert isinstance(model._base_manager, OwnedManager)

    def test_has_no_other_manager(self, model):
        assert all(isinstance(manager, OwnedManager) for manager in model._meta.managers)

    def test_has_unique_keys_that_begin_with_the_merchant(self, model):
        constraints = [rule for rule in model._meta.constraints if isinstance(rule, UniqueConstraint)]
        assert [rule.name for rule in constraints if rule.fields[:1] != ("merchant",)] == []
        single = [
            f"{model._meta.label}.{field.name}"
            for field in model._meta.concrete_fields
            # One to one leads to a row of the same merchant (walls.py); random UUIDs meet nobody else's.
            if field.unique
            and not field.primary_key
            and not field.is_relation
            and field.get_internal_type() != "UUIDField"
        ]
        assert set(single) <= UNIQUE_FOR_ALL


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
