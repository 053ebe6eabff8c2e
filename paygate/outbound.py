"""The doors that lead out of the house, and the one rule for all of them (safety.md LK-1)."""

from django.db import connections


class CallInsideTransaction(AssertionError):
    """Somebody asked the outside while a database transaction was open."""


def assert_no_transaction(what: str) -> None:
    """Stop before the network is reached with a transaction open.

    Every connector, 3-D Secure server and mail delivery calls this first. Raises `CallInsideTransaction`. The outer
    transaction in which a test case wraps itself does not count: it is not ours.
    """
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise CallInsideTransaction(f"{what} was asked while a database transaction was open")
