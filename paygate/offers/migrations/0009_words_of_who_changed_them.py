"""Offers that somebody else changed than made them are found by that name too."""

from typing import Any, Final
from uuid import UUID

from django.db import migrations
from django.db.models import F, TextField, Value
from django.db.models.functions import Concat, StrIndex

_SIGN: Final = Concat(Value("  @"), F("changed_by"), Value("  "), output_field=TextField())
_AT_ONCE: Final = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    offers = apps.get_model("offers", "Offer").objects.using(schema_editor.connection.alias)
    lacking = offers.exclude(changed_by=F("created_by")).annotate(at=StrIndex("words", _SIGN)).filter(at=0)
    last = UUID(int=0)
    while some := list(lacking.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        offers.filter(pk__in=some).update(words=Concat("words", Value("\n"), _SIGN, output_field=TextField()))
        last = some[-1]


class Migration(migrations.Migration):
    dependencies = [("offers", "0008_trigrams")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
