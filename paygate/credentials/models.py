"""`Credential`: a user name of the APIs, and hashes of its password (behaviour.md A-5, safety.md AU-6)."""

from django.db import models

from paygate.tenants.owned import TenantOwned


class Credential(TenantOwned):
    """One program's key. It opens one merchant's account, and no other."""

    user_name = models.CharField(max_length=30, unique=True)  # API_<CustomerId>_<8 digits>
    description = models.CharField(max_length=80, blank=True)
    password_hash = models.CharField(max_length=200)  # slow; looked at only when the key below is gone
    look_up = models.CharField(
        max_length=64
    )  # keyed hash of name and password: what each call is compared with
    look_up_key = models.CharField(max_length=40)  # the id of its key
    certificate = models.CharField(
        max_length=64, blank=True
    )  # SHA-256 of a client certificate, in hexadecimal
    networks = models.JSONField(default=list)  # addresses and ranges it may come from; empty: from anywhere
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    last_used_at = models.DateTimeField(null=True)  # exact to a minute
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=models.Q(revoked_at=None) & ~models.Q(certificate=""),
                name="one_credential_per_certificate",
            )
        ]

    def __str__(self) -> str:
        return self.user_name
