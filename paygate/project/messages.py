"""Where the words of one page wait for the next: in a signed cookie, so that no session is written for them."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class _InACookie(CookieStorage):
    cookie_name = "__Host-messages" if settings.SESSION_COOKIE_SECURE else "messages"


class CookieFirst(FallbackStorage):
    """In the cookie; what is too long for one waits in the session."""

    storage_classes = (_InACookie, SessionStorage)
