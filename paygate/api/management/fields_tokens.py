"""Access tokens for card fields inside a shop's own page (behaviour.md T-8)."""

from uuid import UUID

from django.db import transaction

from paygate.api.error_names import WireError
from paygate.api.management.call import Asked
from paygate.api.models import FieldsAccessToken
from paygate.api.wire.management_calls import CreateAccessTokenResponse


def create(asked: Asked) -> CreateAccessTokenResponse:
    """A token bound to customer, terminal and https addresses."""
    terminal = asked.caller.terminal(asked.places["terminal_id"])
    if asked.errand.about:
        return CreateAccessTokenResponse(access_token=asked.errand.about)
    urls = asked.body.source_urls
    if not 1 <= len(urls) <= 100 or any(not _is_source(url) for url in urls):
        raise WireError("VALIDATION_FAILED", "SourceUrls: The field SourceUrls is invalid.")
    with transaction.atomic():
        made = FieldsAccessToken.objects.create(
            merchant=asked.caller.merchant,
            terminal=terminal,
            description=asked.body.description,
            source_urls=list(urls),
            created_at=asked.now,
            created_by=asked.caller.actor.name,
        )
        asked.errand.note(str(made.pk))
    return CreateAccessTokenResponse(access_token=str(made.pk))


def delete(asked: Asked) -> None:
    """It is good for nothing any more. Unknown and foreign ones answer the same."""
    terminal = asked.caller.terminal(asked.places["terminal_id"])
    try:
        key = UUID(asked.places.get("access_token", ""))
    except ValueError as error:
        raise WireError("TOKEN_INVALID") from error
    if not FieldsAccessToken.objects.filter(pk=key, terminal=terminal).delete()[0]:
        raise WireError("TOKEN_INVALID")


def _is_source(url: str) -> bool:
    return (
        url.lower().startswith("https://")
        and 8 < len(url) <= 2000
        and not any(sign.isspace() for sign in url)
    )
