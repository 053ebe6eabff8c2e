"""Whom the lock against guessed passwords counts for (safety.md AU-1)."""

from collections.abc import Mapping

from django.http import HttpRequest


def counted_as(request: HttpRequest, credentials: Mapping[str, str | None] | None) -> str:
    """The address that was typed, known or not: as `email` while signing in, as `login` once it worked."""
    given = credentials or {}
    return (given.get("email") or given.get("login") or "").lower()
