"""3-D Secure messages as people can read them (safety.md 3D-5)."""

import json
from collections.abc import Iterable

from paygate.threeds.models import MessageLine


def readable(lines: Iterable[MessageLine]) -> list[tuple[MessageLine, str]]:
    """Each message with what it says, as indented JSON."""
    return [(line, json.dumps(line.body, indent=2, ensure_ascii=False)) for line in lines]
