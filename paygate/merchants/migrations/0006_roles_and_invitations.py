"""Seven roles and invitations. The manager who was there first becomes the owner: somebody must be."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def name_owners(apps: Any, schema_editor: object) -> None:
    member = apps.get_model("merchants", "Member")
    owned = member.objects.filter(role="OWNER").values("merchant_id")
    managers = member.objects.filter(role="MANAGER").exclude(merchant_id__in=owned)
    first = managers.order_by("merchant_id").values("merchant_id").annotate(first=models.Min("pk"))
    member.objects.filter(pk__in=[row["first"] for row in first]).update(role="OWNER")


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0005_who_is_set_up'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='member',
            name='role',
            field=models.CharField(choices=[('OWNER', 'Owner'), ('MANAGER', 'Manager'), ('CLERK', 'Clerk'), ('CASHIER', 'Cashier'), ('REFUNDER', 'Refunder'), ('AUDITOR', 'Accountant, auditor'), ('READER', 'Reader')], max_length=12),
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254)),
                ('role', models.CharField(choices=[('OWNER', 'Owner'), ('MANAGER', 'Manager'), ('CLERK', 'Clerk'), ('CASHIER', 'Cashier'), ('REFUNDER', 'Refunder'), ('AUDITOR', 'Accountant, auditor'), ('READER', 'Reader')], max_length=12)),
                ('language', models.CharField(default='en', max_length=2)),
                ('invited_by', models.CharField(max_length=60)),
                ('invited_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('accepted', models.BooleanField(default=False)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.merchant')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('merchant', 'email'), name='one_open_invitation_per_person')],
            },
        ),
        migrations.RunPython(name_owners, migrations.RunPython.noop),
    ]
