"""What the pages of pretended banks and wallets have in common."""

import re
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[A-Za-z0-9.:\[\]-]+")


def origin_of(address: str) -> list[str]:
    """Where an address leads to, as a content security policy names it; nothing for what is no web address.

    A page of a simulator that is a process of its own has to name the product, which it sends the payer back to.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return []
    return [f"{parts.scheme}://{parts.netloc}"]
