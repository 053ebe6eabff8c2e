"""`Alias`: a stored card or wallet. `VaultKey`, `VaultEntry`, `HashKey`: what the vault keeps (CD-5, CD-6)."""

from uuid import uuid4

from django.db import models

from paygate.methods import METHODS
from paygate.tenants.owned import TenantOwned


class Generator(models.TextChoices):
    """How the name of an alias comes to be (behaviour.md O-1)."""

    MANUAL = "MANUAL"
    RANDOM = "RANDOM"
    RANDOM_UNIQUE = "RANDOM_UNIQUE"  # the same card number, or the same token, again has the same alias


class VaultKey(models.Model):
    """A data key of the vault, wrapped by a master key that no database holds. All merchants' entries are under it."""

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
    """One card or wallet, sealed for one merchant and one place: an alias, or a session for some minutes."""

    place = models.CharField(max_length=80)  # what it belongs to; names it, opens nothing
    version = models.PositiveSmallIntegerField()  # of the format
    key = models.ForeignKey(VaultKey, on_delete=models.PROTECT, related_name="entries")
    nonce = models.BinaryField()
    ciphertext = models.BinaryField()  # number, expiry, holder, never the security code; or a wallet's token
    tag = models.BinaryField()
    # What may be shown to its owner, sealed apart from the number: expiry and holder. Nonce and ciphertext.
    sealed_shown = models.BinaryField()
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


class Alias(TenantOwned):
    """A stored card or wallet, by a name of the merchant's. It is the merchant's, not a terminal's (behaviour.md O-7).

    Sealed before it is known whether it will be kept: until then it has no name and nobody finds it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=40, blank=True)  # as it was told first; empty until it is kept
    key = models.CharField(max_length=40, blank=True)  # the same in small letters (behaviour.md O-2)
    generator = models.CharField(max_length=20, choices=Generator)
    # The brand that was used first (behaviour.md O-7), or the wallet.
    method = models.CharField(max_length=30)
    masked = models.CharField(max_length=19, blank=True)  # six and four digits; a wallet has none
    api_digits = models.CharField(
        max_length=2, blank=True
    )  # the seventh and eighth, for the API alone (CD-2)
    hash_value = models.CharField(max_length=40)  # equal for equal numbers or tokens of this merchant
    # So long the wallet lets itself be charged; None: nobody says.
    wallet_until = models.DateTimeField(null=True)
    only_one_of = models.CharField(max_length=40, blank=True)  # the same, where there may be no second one
    lifetime = models.PositiveSmallIntegerField()  # days
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)  # then it is forgotten

    class Meta(TenantOwned.Meta):
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["merchant", "hash_value"], name="aliases_by_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "key"], condition=~models.Q(key=""), name="one_alias_per_name"
            ),
            models.UniqueConstraint(
                fields=["merchant", "only_one_of"],
                condition=~models.Q(only_one_of=""),
                name="one_unique_alias_per_number",
            ),
            models.CheckConstraint(
                condition=models.Q(kept_at=None, key="")
                | (models.Q(kept_at__isnull=False) & ~models.Q(key="")),
                name="alias_has_a_name_once_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"alias {self.name} of {self.shown_as}"

    @property
    def shown_as(self) -> str:
        """What of it may be seen: the masked number of a card, the name of a wallet."""
        return self.masked or self.method

    @property
    def is_card(self) -> bool:
        """Is it a card? Else it is a wallet."""
        return METHODS[self.method].is_card

    @property
    def place(self) -> str:
        """Its place in the vault."""
        return f"alias {self.pk}"
