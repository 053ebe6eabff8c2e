"""What a payment page wears: the address of the merchant's style sheet and of the logo (SPG-FRM-40, PP-6)."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from paygate.designs.choose import worn_by
from paygate.tenants.context import current


def wears(request: HttpRequest, design_id: int | None) -> dict[str, Any]:
    """Values for a page of the merchant in context; none where nothing was chosen."""
    match, merchant_id = request.resolver_match, current()
    design = worn_by(merchant_id, design_id) if merchant_id is not None else None
    if design is None or match is None:
        return {}
    place = {"customer_id": match.kwargs["customer_id"], "design_id": design.pk, "version": design.version}
    values: dict[str, Any] = {"design_href": reverse("paypage:design_style", kwargs=place)}
    if design.has_logo:
        values["logo_href"] = reverse("paypage:design_logo", kwargs=place)
        values["logo_width"], values["logo_height"] = design.logo_size
    return values
