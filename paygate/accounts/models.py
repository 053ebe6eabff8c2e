"""A person who signs in: by mail address, in a language of their own."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.tenants.models import Merchant


class UserManager(BaseUserManager["User"]):
    """Makes users; the mail address is the login name."""

    def create_user(self, email: str, password: str, **fields: Any) -> "User":
        """A person with this address (kept in lower case) and password."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who may sign in. What they may do stands on their membership of a merchant."""

    email = models.EmailField(_("E-mail address"), unique=True)
    name = models.CharField(_("Name"), max_length=80)
    language = models.CharField(_("Language"), max_length=2, default="en")
    # The merchant that opened the account: letters to this person are kept in its archive.
    home = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name, as the sign-in library asks for it."""
        return self.name


class Presence(models.Model):
    """One browser in which a person is signed in. Belongs to the person, not to a merchant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40)  # of Django's session, which ends with this row
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=300, blank=True)  # as it names itself

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["user", "-seen_at"], name="presences_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} since {self.began_at:%Y-%m-%d %H:%M}"


class UsedPassword(models.Model):
    """A password that a person has chosen, as its hash; the last four are not chosen again (safety.md AU-1)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=128)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"of {self.user_id}"
