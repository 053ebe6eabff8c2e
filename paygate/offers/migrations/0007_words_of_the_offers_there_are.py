"""Offers that were made before there were words to find them by get theirs."""

from typing import Any, Final

from django.db import migrations

from paygate.offers.words import words_of

_SEARCHED: Final = ("reference", "description", "payer_email", "created_by")
_AT_ONCE: Final = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    offers = apps.get_model("offers", "Offer").objects.using(schema_editor.connection.alias)
    waiting = offers.filter(words="").only("pk", *_SEARCHED).order_by()
    while some := list(waiting[:_AT_ONCE]):
        for offer in some:
            offer.words = words_of(**{name: getattr(offer, name) for name in _SEARCHED})
        offers.bulk_update(some, ["words"])


class Migration(migrations.Migration):
    dependencies = [("offers", "0006_words_and_orders")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
