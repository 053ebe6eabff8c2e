"""Who the payer's browser is: a cookie of its own, and the token that each of its forms carries (PP-3, PP-10)."""

import hashlib
import re
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from paygate import tokens
from paygate.languages import LANGUAGES, ui_language

_SALT: Final = "paygate.paypage.form"
_COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")


def _is_https() -> bool:
    return str(settings.PAYGATE_PUBLIC_URL).startswith("https://")


def cookie_name(name: str) -> str:
    """`__Host-` where the public address is https; a plain name on an http demo."""
    return f"__Host-paygate-{name}" if _is_https() else f"paygate-{name}"


def set_cookie(response: HttpResponseBase, name: str, value: str, *, seconds: int | None = None) -> None:
    """HttpOnly, this host only, not sent along from other sites' forms."""
    response.set_cookie(
        cookie_name(name), value, max_age=seconds, path="/", secure=_is_https(), httponly=True, samesite="Lax"
    )


def drop_cookie(response: HttpResponseBase, name: str) -> None:
    """Tell the browser to forget it."""
    response.delete_cookie(cookie_name(name), path="/", samesite="Lax")


class Payer:
    """The browser behind a request. Without a cookie it gets one with the answer."""

    def __init__(self, request: HttpRequest) -> None:
        sent = request.COOKIES.get(cookie_name("payer"), "")
        self.is_known = bool(_COOKIE.fullmatch(sent))
        self.secret = sent if self.is_known else tokens.public_token(24)

    @property
    def browser(self) -> str:
        """How the database names this browser: a hash, useless as a cookie."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def form_token(self, subject: str) -> str:
        """The token of a form about this subject (an offer, a session) in this browser."""
        return salted_hmac(_SALT, f"{self.secret} {subject}", algorithm="sha256").hexdigest()

    def sent_own_form(self, request: HttpRequest, subject: str) -> bool:
        """Did this browser get this form from us?"""
        sent = request.POST.get("form_token", "")
        return self.is_known and constant_time_compare(sent, self.form_token(subject))

    def remember(self, response: HttpResponseBase) -> None:
        """Give the browser its cookie if it has none."""
        if not self.is_known:
            set_cookie(response, "payer", self.secret)


def page_language(request: HttpRequest, offered: str) -> str:
    """The language of the offer, unless the payer chose another on the page."""
    chosen = request.GET.get("lang") or request.COOKIES.get(cookie_name("language"), "")
    return chosen if chosen in LANGUAGES else ui_language(offered)


def remember_language(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep a chosen language for the pages that follow."""
    chosen = request.GET.get("lang", "")
    if chosen in LANGUAGES:
        set_cookie(response, "language", chosen)
