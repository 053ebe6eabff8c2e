"""The doors that lead out of the house: the one rule for all of them (safety.md LK-1), and the two HTTP clients.

`post` and `get` speak to parties the operator chose: acquirers and 3-D Secure servers. An address that a user can
influence is called through `paygate.outbound.guarded` alone (safety.md SS-1).
"""

from paygate.outbound.client import (
    REQUEST_SECONDS,
    CallInsideTransaction,
    Limits,
    NoReply,
    NothingArrived,
    calls_within,
    get,
    in_time,
    leave_database,
    post,
)

__all__ = [
    "REQUEST_SECONDS",
    "CallInsideTransaction",
    "Limits",
    "NoReply",
    "NothingArrived",
    "calls_within",
    "get",
    "in_time",
    "leave_database",
    "post",
]
