"""The check of the sender's domain: what the DNS says of it, and what to add."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.pages import page
from paygate.backoffice.visit import Visit
from paygate.mail.name_server import texts_in_time
from paygate.mail.sender_domain import examine, stays_here
from paygate.merchants.licence import Feature
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission


@doorman(Permission.SEE_SETTINGS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_safe
def sender_check(request: Visit) -> HttpResponse:
    """SPF, DKIM and DMARC of the domain of all senders. A domain that no DNS knows is not asked about."""
    domain = settings.PAYGATE_MAIL_DOMAIN
    here = stays_here(domain)
    sender = f"{preferences_of(request.merchant.pk).sender_local}@{domain}"
    return page(
        request,
        "settings/sender.html.jinja",
        {
            "domain": domain,
            "sender": sender,
            "stays_here": here,
            "findings": [] if here else examine(domain, texts_in_time()),
        },
    )
