"""Whoever has all that the settings must hold goes on without saving them once more (SPG-SET-01)."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef

from paygate import clock


def complete(apps: Any, schema_editor: object) -> None:
    terms = apps.get_model("merchants", "TermsFile").objects.filter(
        merchant_id=OuterRef("merchant_id"), replaced_at=None
    )
    waiting = apps.get_model("merchants", "Preferences").objects.filter(Exists(terms), complete_since=None)
    waiting.exclude(reply_to="").exclude(sender_local="").exclude(notify_emails=[]).update(
        complete_since=clock.now()
    )


class Migration(migrations.Migration):
    dependencies = [("merchants", "0004_settings_complete")]
    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
