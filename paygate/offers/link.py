"""The address of an offer's payment page (contract: /SecurePayGate/Payment/...)."""

from django.conf import settings

from paygate.offers.models import Offer
from paygate.tenants.models import Merchant


def link_of(offer: Offer, merchant: Merchant, terminal_number: str) -> str:
    """The payment link: what the buyer opens and what the QR code holds (SPG-FRM-49, LN-5)."""
    return f"{settings.PAYGATE_PUBLIC_URL}/SecurePayGate/Payment/{merchant.customer_id}/{terminal_number}/{offer.pk}"
