"""The last four passwords of a person are not chosen again (safety.md AU-1)."""

from typing import Final

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from paygate.accounts.models import UsedPassword, User

KEPT: Final = 4


class NotOneOfTheLast:
    """One of Django's validators of passwords."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises `ValidationError` for one of the person's last four."""
        if user is None or user.pk is None:
            return
        if any(check_password(password, one.hash) for one in UsedPassword.objects.filter(user=user)[:KEPT]):
            raise ValidationError(_("You have used this password before. Choose a new one."))

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Django tells of each password that was set."""
        if user is None:
            return
        UsedPassword.objects.create(user=user, hash=user.password)
        kept = UsedPassword.objects.filter(user=user).values_list("pk", flat=True)[:KEPT]
        UsedPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()

    def get_help_text(self) -> str:
        """For pages that list all rules."""
        return _("Not one of your last four passwords.")
