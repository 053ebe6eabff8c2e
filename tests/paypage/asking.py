"""Two answers side by side: what must be the same is compared without what is fresh in each."""

import re
from typing import Any


def without_nonce(answer: Any) -> str:
    """The page, but for the nonce of its script."""
    return re.sub(r'nonce="[^"]+"', "", str(answer.content.decode()))


def headers_of(answer: Any) -> dict[str, str]:
    """Its headers, but for the nonce and the cookie of a new browser."""
    return {
        name: re.sub(r"'nonce-[^']+'", "'nonce'", value)
        for name, value in answer.headers.items()
        if name != "Set-Cookie"
    }
