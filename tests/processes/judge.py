"""What must be true of a payment when its story is over, in our books and in the acquirer's (safety.md 23)."""

from email import message_from_bytes
from typing import Any

from tests.processes.town import Town

ENDS = {"APPROVED", "DECLINED", "NOT_SENT"}
Link = dict[str, Any]

_known: dict[int, set[str]] = {}


def is_settled(story: dict[str, Any]) -> bool:
    """Is nothing about this link on its way any more?"""
    movements = [movement for entry in story["entries"] for movement in entry["movements"]]
    return (
        all(movement["state"] in ENDS for movement in movements)
        and all(one["state"] == "DONE" for one in story["letters"] + story["calls"])
        and not set(story["attempts"]) & {"AUTHORIZING", "UNKNOWN"}
    )


def assert_paid_once(town: Town, link: Link, *, state: str = "AUTHORIZED") -> dict[str, Any]:
    """One payment is kept, in both books; one letter to each side went out. The entry."""
    town.until(lambda: is_settled(town.story(link)), "everything about the link is settled")
    story = town.story(link)
    assert story["offer"] == "PAID"
    (entry,) = [entry for entry in story["entries"] if entry["succeeded"]]
    assert entry["state"] == state
    mine = [letter for letter in story["letters"] if letter["about"] == entry["transaction_id"]]
    assert sorted(letter["kind"] for letter in mine) == ["confirmation", "notice"]
    assert {letter["id"] for letter in story["letters"]} <= message_ids(town)
    standing = [row["request_id"] for row in theirs(town, link, "AUTH") if not row["undone"]]
    assert standing == ([] if state == "CANCELED" else [asked(entry, "AUTHORIZE")])
    assert_all_books_agree(town)
    return dict(entry)


def assert_link_paid_once(town: Town, link: Link, amount: int, *, state: str = "AUTHORIZED") -> None:
    """Of a multi-use link: one payment is kept and counted, in both books; one letter to each side went out."""

    def is_over() -> bool:
        story = town.steward.ask("many_stories", link=link["id"])
        return bool(story["counted"] == [1, amount, 0] and story["states"] == [state])

    town.until(is_over, "the payment is there, and no place is held")
    town.until_idle()
    story = town.steward.ask("many_stories", link=link["id"])
    assert story["amounts"] == [amount]
    assert (len(story["references"]), len(story["confirmed"]), story["notices"]) == (1, 1, 1)
    assert len([row for row in theirs(town, link, "AUTH") if not row["undone"]]) == 1
    assert_all_books_agree(town)


def theirs(town: Town, link: Link, op: str) -> list[dict[str, Any]]:
    """What the acquirer approved of this kind, at the link's terminal."""
    rows = town.book_of_acquirer(link["terminal"])
    return [row for row in rows if row["op"] == op and row["code"] == "00"]


def asked(entry: dict[str, Any], kind: str) -> str:
    """The request id of the approved movement of this kind."""
    (request_id,) = [
        movement["request_id"]
        for movement in entry["movements"]
        if (movement["kind"], movement["state"]) == (kind, "APPROVED")
    ]
    return str(request_id)


def message_ids(town: Town) -> set[str]:
    """The left halves of the Message-IDs of all that the mail server has received."""
    return {
        str(message_from_bytes(one.content)["Message-ID"]).strip("<>").partition("@")[0]
        for one in town.post.received
    }


def assert_all_ends_well(town: Town) -> None:
    """Time passes until nothing is on its way; then both books agree."""
    ends: list[str] = []

    def nothing_is_open() -> bool:
        ends[:] = town.steward.ask("open_ends")
        return not ends

    town.until(nothing_is_open, "nothing is on its way", left=ends)
    assert_all_books_agree(town)


def assert_all_books_agree(town: Town) -> None:
    """No invariant is broken, of whatever merchant; what an earlier story broke is not held against this one."""
    wrong = set(town.steward.ask("judged"))
    known = _known.setdefault(id(town), set())
    new = wrong - known
    known |= wrong
    assert new == set()
