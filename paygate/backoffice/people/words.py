"""What each role may do, in a sentence."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.merchants.models import Role

MAY: Final[Mapping[str, Promise]] = {
    Role.OWNER: _("Everything, also people and their roles."),
    Role.MANAGER: _("Everything but people and their roles."),
    Role.CLERK: _("Writes and sends offers."),
    Role.CASHIER: _("Books and cancels payments, and closes batches."),
    Role.REFUNDER: _("Pays back booked payments."),
    Role.AUDITOR: _("Reads everything, also the audit log."),
    Role.READER: _("Reads offers, payments, letters and settings."),
}
