"""The one-time key of a card on hold; never the card (safety.md CD-3)."""

from django.db import models

from paygate.tenants.owned import TenantOwned


class HeldCardKey(TenantOwned):
    """The half of a held card that stays here. The other half is the packet in the payer's browser."""

    packet_id = models.CharField(max_length=22)  # names the packet; no secret
    sealed_key = models.BinaryField()  # under the vault keys; empty once destroyed
    last4 = models.CharField(max_length=4)
    expires_at = models.DateTimeField(db_index=True)
    opened_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "packet_id"], name="held_card_packet_once"),
        ]

    def __str__(self) -> str:
        return f"held card ending in {self.last4}"
