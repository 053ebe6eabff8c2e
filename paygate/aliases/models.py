"""`VaultKey`, `VaultEntry`, `HashKey`: what the vault keeps; nothing of it in clear (safety.md CD-5, CD-6)."""

from django.db import models

from paygate.tenants.owned import TenantOwned


class VaultKey(models.Model):
    """A data key of the vault, wrapped by a master key that no database holds. All merchants' cards are under it."""

    name = models.CharField(max_length=40, unique=True)  # its id, which may be seen
    wrapped = models.BinaryField()  # empty once destroyed
    active = models.BooleanField(default=True)  # the one that new entries are sealed with
    sealed = models.BigIntegerField(default=0)  # how many things were encrypted with it
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="one_active_vault_key"
            )
        ]

    def __str__(self) -> str:
        return f"vault key {self.name}"


class VaultEntry(TenantOwned):
    """One card, sealed for one merchant and one place: an alias, or a session that may use it for some minutes."""

    place = models.CharField(max_length=80)  # what it belongs to; names it, opens nothing
    version = models.PositiveSmallIntegerField()  # of the format
    key = models.ForeignKey(VaultKey, on_delete=models.PROTECT, related_name="entries")
    nonce = models.BinaryField()
    ciphertext = models.BinaryField()  # number, expiry, holder; never the security code
    tag = models.BinaryField()
    sealed_holder = models.BinaryField()  # the holder's name alone, which may be shown: nonce and ciphertext
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "place"], name="one_vault_entry_per_place"),
        ]

    def __str__(self) -> str:
        return f"vault entry of {self.place}"


class HashKey(TenantOwned):
    """What a merchant's hash values of card numbers are made with; lasting, so that equal cards stay equal."""

    sealed_key = models.BinaryField()  # under the master keys

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_hash_key_per_merchant")]

    def __str__(self) -> str:
        return f"hash key of merchant {self.merchant_id}"
