"""The proof of a payer that a program brings from a 3-D Secure server of its own (behaviour.md G-10).

It counts by the same table as what our own server hears. The authentication value goes to the acquirer and is not kept
(safety.md CD-1); that there was one is.
"""

from collections.abc import Mapping
from typing import Any, Final

from paygate.threeds.liability import AuthenticationResult

_SOME_VALUE: Final = "kept nowhere"


def as_row(proof: AuthenticationResult | None) -> dict[str, Any]:
    """What is stored of it; nothing for none."""
    if proof is None:
        return {}
    return {
        "status": proof.status,
        "eci": proof.eci,
        "has_value": bool(proof.value),
        "challenged": proof.challenged,
        "server_trans_id": proof.server_trans_id,
        "ds_trans_id": proof.ds_trans_id,
        "version": proof.version,
    }


def of_row(row: Mapping[str, Any]) -> AuthenticationResult:
    """From what `as_row` gave, to be decided by again; the value is not there any more."""
    told = {name: value for name, value in row.items() if name != "has_value"}
    return AuthenticationResult(value=_SOME_VALUE if row["has_value"] else "", **told)
