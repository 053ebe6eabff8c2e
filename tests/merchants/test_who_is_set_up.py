"""Merchants of earlier versions who have all the settings need not save them once more (SPG-SET-01)."""

from importlib import import_module

import pytest
from django.apps import apps

from paygate.merchants.models import Preferences, TermsFile

COMPLETE = {
    "notify_emails": ["reception@alpenblick.example"],
    "sender_local": "reception",
    "reply_to": "reception@alpenblick.example",
}


def set_up_after_migrating(**settings: object) -> bool:
    Preferences.objects.update(complete_since=None, **(COMPLETE | settings))
    import_module("paygate.merchants.migrations.0005_who_is_set_up").complete(apps, None)
    return Preferences.objects.get().complete_since is not None


@pytest.mark.parametrize(
    ("settings", "set_up"),
    [({}, True), ({"notify_emails": []}, False), ({"reply_to": ""}, False), ({"sender_local": ""}, False)],
)
def test_with_terms_the_settings_decide(alpenblick, settings, set_up):
    TermsFile.objects.create(merchant=alpenblick.merchant, language="de", name="AGB.pdf", content=b"%PDF")

    assert set_up_after_migrating(**settings) is set_up


def test_without_terms_somebody_must_attach_some(alpenblick):
    assert not set_up_after_migrating()


def test_replaced_terms_are_none(alpenblick):
    TermsFile.objects.create(
        merchant=alpenblick.merchant,
        language="de",
        name="AGB.pdf",
        content=b"%PDF",
        replaced_at=alpenblick.merchant.created_at,
    )

    assert not set_up_after_migrating()
