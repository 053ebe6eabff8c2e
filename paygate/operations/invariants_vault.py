"""The invariant of the vault (safety.md 23): INV-15."""

from collections.abc import Iterator

from paygate.aliases.keys import VaultClosed
from paygate.aliases.models import VaultEntry
from paygate.aliases.vault import opens
from paygate.operations.invariants_view import Broken, View


def every_entry_opens_in_its_place_only(view: View) -> Iterator[Broken]:
    """INV-15: with its key, for its merchant, in its place; for nobody else and nowhere else."""
    for entry in VaultEntry.objects.select_related("key").order_by("pk").iterator(chunk_size=500):
        own, place = entry.merchant_id, entry.place
        try:
            at_home = opens(entry, merchant_id=own, place=place)
            elsewhere = opens(entry, merchant_id=own + 1, place=place) or opens(
                entry, merchant_id=own, place=f"{place}'"
            )
        except VaultClosed as closed:
            yield Broken(f"vault entry {entry.pk}: {closed}", own)
            continue
        if not at_home or elsewhere:
            yield Broken(f"vault entry {entry.pk} does not open in its place, or opens elsewhere", own)
