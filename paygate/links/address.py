"""The address of a multi-use link (contract: /SecurePayGate/MultiUse/...)."""

from django.conf import settings

from paygate.links.models import Link
from paygate.tenants.models import Merchant


def address_of(link: Link, merchant: Merchant, terminal_number: str) -> str:
    """What payers open, and what the QR code holds (SPG-MUF-23, 24; LN-5)."""
    place = f"{merchant.customer_id}/{terminal_number}/{link.pk}"
    return f"{settings.PAYGATE_PUBLIC_URL}/SecurePayGate/MultiUse/{place}"
