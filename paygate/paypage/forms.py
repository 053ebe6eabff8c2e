"""The card form: from what the browser sent to a card, or what is wrong with each field."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from paygate.cards.number import Card, CardNumber, CardRefused, Expiry, SecurityCode, holder_name
from paygate.checkout.take_means import Press
from paygate.limits.count import client_address
from paygate.refusals import Refusal

LONGEST_FIELD: Final = 300


@dataclass(slots=True)
class CardForm:
    """The form as it was sent. Card fields are read once and never shown again (safety.md CD-10)."""

    card: Card | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        request: HttpRequest,
        *,
        live: bool,
        now: datetime,
        with_code: bool = True,
        needs_holder: bool = False,
    ) -> "CardForm":
        """Check every field again on the server (safety.md CD-11); real cards only where money is real (TN-7)."""
        form = cls()
        sent = {
            name: request.POST.get(name, "")[:LONGEST_FIELD]
            for name in ("number", "expiry", "code", "holder")
        }
        number = expiry = code = None
        try:
            number = CardNumber.parse(sent["number"], live=live)
        except CardRefused as refusal:
            form.errors["number"] = str(refusal)
        try:
            expiry = Expiry.parse(sent["expiry"], now=now)
        except CardRefused as refusal:
            form.errors["expiry"] = str(refusal)
        try:
            if with_code:
                code = SecurityCode.parse(sent["code"], number.brand if number else None)
        except CardRefused as refusal:
            form.errors["code"] = str(refusal)
        holder = ""
        try:
            holder = holder_name(sent["holder"])
        except Refusal as refusal:
            form.errors["holder"] = str(refusal)
        if needs_holder and not holder and "holder" not in form.errors:
            form.errors["holder"] = _("Enter the name on the card.")
        if number and expiry and not form.errors:
            form.card = Card(number=number, expiry=expiry, code=code, holder=holder)
        return form


def press_of(request: HttpRequest, *, browser: str) -> Press | None:
    """What came with the press of the button, or None when it is no form of ours."""
    try:
        form_id = UUID(request.POST.get("attempt_id", ""))
        revision = int(request.POST.get("revision", "")[:10])
    except ValueError:
        return None
    return Press(
        form_id=form_id,
        revision=revision,
        browser=browser,
        browser_data=browser_data(request),
    )


def browser_data(request: HttpRequest) -> dict[str, str | int | bool | None]:
    """What the issuer is told of the browser (safety.md 7.2); without scripts only what its headers say."""
    sent = request.POST
    return {
        "accept_header": _line(request.headers.get("Accept", ""), 2048),
        "ip": client_address(request),
        "language": _line(sent.get("b_lang", ""), 35)
        or _line(request.headers.get("Accept-Language", "").split(",")[0], 35),
        "user_agent": _line(request.headers.get("User-Agent", ""), 2048),
        "javascript": sent.get("b_js") == "1",
        "java": sent.get("b_java") in {"1", "true"},
        "color_depth": _number(sent.get("b_depth", "")),
        "width": _number(sent.get("b_width", "")),
        "height": _number(sent.get("b_height", "")),
        "tz": _number(sent.get("b_tz", "")),
    }


def _line(text: str, longest: int) -> str:
    """What of it can be stored and told on: no control characters, which a database may refuse."""
    return "".join(character for character in text[:longest] if character.isprintable())


def _number(text: str) -> int | None:
    try:
        return int(text[:6])
    except ValueError:
        return None
