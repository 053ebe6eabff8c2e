"""The ledger's file stays open, and is the right one all the same."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from paygate.simulation import ledger_file
from paygate.simulation.ledger_file import IN_MEMORY, connected

NOTES = ("CREATE TABLE IF NOT EXISTS note (text TEXT)",)


def write(text: str) -> None:
    with connected(NOTES) as ledger:
        ledger.execute("INSERT INTO note VALUES (?)", (text,))


def read() -> list[str]:
    with connected(NOTES) as ledger:
        return [text for (text,) in ledger.execute("SELECT text FROM note ORDER BY rowid")]


@pytest.fixture(params=["file", "memory"])
def book(request, settings) -> str:
    """A ledger in a file, as each test has one, or in memory."""
    if request.param == "memory":
        ledger_file._memory.clear()
        settings.PAYGATE_SIMULATOR_LEDGER = IN_MEMORY
    return str(request.param)


def test_a_change_is_whole_or_none(book):
    write("kept")
    with pytest.raises(RuntimeError), connected(NOTES) as ledger:
        ledger.execute("INSERT INTO note VALUES ('lost')")
        raise RuntimeError

    assert read() == ["kept"]


def test_threads_write_into_one_book(book):
    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(read(), key=int) == [str(number) for number in range(20)]


def test_a_forked_process_opens_its_own(book):
    write("before")
    child = os.fork()
    if child == 0:
        try:
            write("child")
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    write("after")

    assert read() == (["before", "child", "after"] if book == "file" else ["before", "after"])


def test_the_connection_is_kept_and_the_schema_is_run_once(settings):
    write("one")
    with connected(NOTES) as first:
        pass
    with connected(NOTES) as second:
        assert second is first
        statements: list[str] = []
        second.set_trace_callback(statements.append)
    write("two")

    assert not [statement for statement in statements if "CREATE" in statement]


def test_another_path_is_another_book(settings, tmp_path):
    write("one")

    settings.PAYGATE_SIMULATOR_LEDGER = str(tmp_path / "folder" / "that" / "is not there" / "other")

    assert read() == []


def test_a_file_that_was_replaced_is_opened_again(settings):
    write("old")
    for path in Path(settings.PAYGATE_SIMULATOR_LEDGER).parent.glob("simulator-ledger*"):
        path.unlink()

    write("new")

    assert read() == ["new"]


def test_what_is_written_outlives_a_process_that_is_killed(settings):
    child = os.fork()
    if child == 0:
        write("the last word")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)

    assert read() == ["the last word"]
    with sqlite3.connect(settings.PAYGATE_SIMULATOR_LEDGER) as outside:
        assert outside.execute("SELECT count(*) FROM note").fetchone() == (1,)
