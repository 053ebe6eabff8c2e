"""What a view of the back office is handed: the request of somebody the doorman knows."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from paygate.accounts.models import User
from paygate.merchants.models import Member
from paygate.merchants.reach import Actor
from paygate.tenants.models import Merchant


class Visit(HttpRequest):
    """A request of a member of a merchant. `doorman` fills it in before a view sees it."""

    user: User
    member: Member
    merchant: Merchant
    actor: Actor
    memberships: tuple[Member, ...]  # of all merchants this person works for
    features: frozenset[str]
    now: datetime
    zone: ZoneInfo  # the merchant's: times are shown and typed in it (safety.md TM-5)
    csp_nonce: str
