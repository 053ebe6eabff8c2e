"""Until when a card is good is sealed too; no card was kept before."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("aliases", "0002_aliases"),
    ]

    operations = [
        migrations.RenameField("vaultentry", "sealed_holder", "sealed_shown"),
        migrations.RemoveField("alias", "expiry_year"),
        migrations.RemoveField("alias", "expiry_month"),
    ]
