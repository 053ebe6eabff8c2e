"""A card form of the shop's own, posted to one of our pages (behaviour.md D-10, errors.json form_post_errors)."""

from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase

from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode, holder_name
from paygate.paypage.forms import LONGEST_FIELD
from paygate.refusals import Refusal

_FIELDS: Final = ("CardNumber", "ExpMonth", "ExpYear", "HolderName", "VerificationCode")


def read_shop_form(
    request: HttpRequest, *, live: bool, now: datetime, with_code: bool = True
) -> tuple[Card | None, list[str]]:
    """The card, or the names of the inputs that are wrong. The code is checked, and goes no further than the card."""
    sent = {name: request.POST.get(name, "")[:LONGEST_FIELD].strip() for name in _FIELDS}
    wrong: list[str] = []
    number = expiry = code = None
    holder = ""
    try:
        number = CardNumber.parse(sent["CardNumber"], live=live)
    except Refusal:
        wrong.append("CardNumber")
    if not (sent["ExpMonth"].isdecimal() and 1 <= int(sent["ExpMonth"]) <= 12):
        wrong.append("ExpMonth")
    elif not (sent["ExpYear"].isdecimal() and len(sent["ExpYear"]) in (2, 4)):
        wrong.append("ExpYear")
    else:
        try:
            expiry = Expiry.of(month=int(sent["ExpMonth"]), year=int(sent["ExpYear"]), now=now)
        except Refusal:
            wrong.append("ExpYear")
    try:
        if with_code or sent["VerificationCode"]:
            code = SecurityCode.parse(sent["VerificationCode"], number.brand if number else None)
    except Refusal:
        wrong.append("VerificationCode")
    try:
        holder = holder_name(sent["HolderName"])
    except Refusal:
        wrong.append("HolderName")
    if wrong or number is None or expiry is None:
        return None, wrong
    return Card(number=number, expiry=expiry, code=code, holder=holder), []


def answered_form(request: HttpRequest, here: str) -> HttpResponseBase:
    """Where the payer goes on."""
    if _is_from_script(request):
        return _to_script({"RedirectUrl": here}, 200)
    return HttpResponseRedirect(here, status=303)


def refused_form(request: HttpRequest, here: str, name: str, wrong: list[str]) -> HttpResponseBase:
    """What is wrong, for the shop's script; without one the payer is sent to our own form."""
    if not _is_from_script(request):
        return HttpResponseRedirect(here, status=303)
    body = {"ErrorName": name, "Behavior": "DO_NOT_RETRY", "ErrorDetail": wrong}
    return _to_script({key: value for key, value in body.items() if value}, 400 if wrong else 402)


def _is_from_script(request: HttpRequest) -> bool:
    return request.POST.get("FromAjax", "").lower() == "true"


def _to_script(body: dict[str, object], status: int) -> HttpResponseBase:
    """The shop's page stands at an origin of its own. No cookie goes along, so everybody may read the answer."""
    response = JsonResponse(body, status=status)
    response["Access-Control-Allow-Origin"] = "*"
    return response
