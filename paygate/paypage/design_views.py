"""Style sheet and logo of a merchant's design, and a sample page that wears a design nobody has saved yet."""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate.designs.choose import Worn, logo_of, style_sheet, worn_by
from paygate.designs.colours import accents
from paygate.designs.sample import Sample, read
from paygate.money.amount import Money
from paygate.paypage.doors import payers_door
from paygate.paypage.frame import show
from paygate.paypage.headers import framed_page
from paygate.refusals import NotFound
from paygate.tenants.context import current
from paygate.tenants.models import Merchant

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"  # after a change the address is another one


@require_safe
@payers_door
def style(request: HttpRequest, customer_id: str, design_id: int, version: str) -> HttpResponseBase:
    """The style sheet of one version of a design; the present one for any other."""
    return _style_sheet(_worn(design_id))


@require_safe
@payers_door
def logo(request: HttpRequest, customer_id: str, design_id: int, version: str) -> HttpResponseBase:
    """The logo of a design."""
    picture = logo_of(design_id)
    if not picture:
        raise NotFound
    return _kept(HttpResponse(picture, content_type="image/png"))


@require_safe
@payers_door
def sample(request: HttpRequest, customer_id: str, signed: str) -> HttpResponseBase:
    """The card page as a payer would see it, for a frame of the back office that sends no forms."""
    shown = _sample(signed)
    merchant = Merchant.objects.get(customer_id=customer_id)
    with translation.override(shown.language):
        design = worn_by(merchant.pk, shown.logo_of) if shown.logo_of else None
        values = {
            "merchant_name": merchant.name,
            "amount": Money(4990, "CHF"),
            "description": _("Gift voucher for two"),
            "reference": "2026-0815",
            "test": not merchant.live,
            "action": "#",
            "cancel_action": "#",
            "form_token": "",
            "attempt_id": "",
            "revision": 0,
            "ask_email": False,
            "brands": ["VISA", "MASTERCARD"],
            "errors": {},
            "values": {},
            "picture": True,  # it is looked at only: the frame runs no scripts
            "design_href": reverse("paypage:sample_style", args=[customer_id, signed]),
        }
        if design and design.has_logo:
            place = [customer_id, design.pk, design.version]
            values["logo_href"] = reverse("paypage:design_logo", args=place)
            values["logo_width"], values["logo_height"] = design.logo_size
        return framed_page(request, show(request, "card", _("Pay by card"), values))


@require_safe
@payers_door
def sample_style(request: HttpRequest, customer_id: str, signed: str) -> HttpResponseBase:
    """The style sheet of the sample."""
    shown = _sample(signed)
    return _style_sheet(Worn(0, "", accents(shown.accent), shown.font, (0, 0), is_default=False))


def _sample(signed: str) -> Sample:
    try:
        return read(signed, merchant_id=current())
    except signing.BadSignature:
        raise NotFound from None


def _worn(design_id: int) -> Worn:
    merchant_id = current()
    assert merchant_id is not None, "the door is open for one merchant"
    design = worn_by(merchant_id, design_id)
    if design is None or design.pk != design_id:
        raise NotFound
    return design


def _style_sheet(design: Worn) -> HttpResponse:
    return _kept(HttpResponse(style_sheet(design), content_type="text/css; charset=utf-8"))


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = KEPT_FOR_GOOD
    return response
