"""The HTTP client: what never left, what may have arrived, and how long it waits (safety.md OC-4)."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from paygate.outbound import (
    CallInsideTransaction,
    Limits,
    NoReply,
    NothingArrived,
    calls_within,
    client,
    get,
    post,
)

IMPATIENT = Limits(connect=2, read=0.3, total=0.6)

Conversation = Callable[[socket.socket], object]


@contextmanager
def somebody_who(answers: Conversation, hears: Callable[[bytes], object] = lambda _: None) -> Iterator[str]:
    """A server that takes connections one after the other, reads what comes first, and then does as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                with connection:
                    hears(connection.recv(65536))
                    try:
                        answers(connection)
                    except OSError:
                        pass  # the other side did not wait

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)


def says(text: str) -> Conversation:
    return lambda connection: connection.sendall(text.encode())


def slowly(text: str, pause: float) -> Conversation:
    """One letter after the other: never a pause longer than the read limit."""

    def dripping(connection: socket.socket) -> None:
        for letter in text:
            connection.sendall(letter.encode())
            time.sleep(pause)

    return dripping


def test_a_reply_is_its_status_and_its_bytes():
    with somebody_who(says("HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nlater")) as url:
        assert post(f"{url}/x", b"{}") == (503, b"later")
        assert get(f"{url}/x") == (503, b"later")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9", "connection refused"),
        ("http://no-such-host.invalid", "no connection"),
    ],
)
def test_where_nobody_is_nothing_arrived(url, why):
    with pytest.raises(NothingArrived, match=why):
        post(url, b"{}")


def test_a_failed_handshake_means_that_nothing_arrived():
    with (
        somebody_who(says("this is no TLS")) as url,
        pytest.raises(NothingArrived, match="no TLS"),
    ):
        post(url.replace("http:", "https:"), b"{}")


@pytest.mark.parametrize(
    ("reply", "how"),
    [
        ("", "dropped"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "dropped"),
        ("nonsense", "dropped"),
    ],
)
def test_what_was_sent_and_not_wholly_answered_may_have_arrived(reply, how):
    with somebody_who(says(reply)) as url, pytest.raises(NoReply, match=how):
        post(url, b"{}")


@pytest.mark.parametrize(
    "answers",
    [
        lambda _: time.sleep(2),
        slowly("HTTP/1.1 200 OK\r\nX: " + "x" * 1000, 0.05),
        slowly("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "x" * 1000, 0.01),
    ],
    ids=["silence", "headers that trickle", "a body that trickles"],
)
def test_the_whole_call_has_an_end_however_slowly_bytes_come(answers):
    begun = time.monotonic()

    with somebody_who(answers) as url, pytest.raises(NoReply, match="timeout"):
        post(url, b"{}", limits=IMPATIENT)

    assert time.monotonic() - begun < 10, "each byte came in time, the answer did not"


def test_a_reply_without_end_is_not_read_to_its_end():
    endless = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + "x" * 5000
    with somebody_who(says(endless)) as url, pytest.raises(NoReply, match="too_long"):
        post(url, b"{}", limits=Limits(longest=1000))


def test_a_redirect_is_not_followed_and_no_proxy_is_asked(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with somebody_who(says(moved)) as url:
        assert post(url, b"{}") == (302, b"")


def test_a_connection_that_the_other_side_closed_is_not_used_again():
    with somebody_who(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as url:
        assert [post(url, b"{}")[0] for _ in range(5)] == [200] * 5


def test_an_address_is_not_logged(capfd):
    with somebody_who(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as url:
        post(f"{url}/a-secret-path", b"{}")

    assert "a-secret-path" not in "".join(capfd.readouterr())


@pytest.mark.django_db
def test_nobody_is_asked_within_a_transaction():
    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        post("http://127.0.0.1:9", b"{}")


def test_the_calls_of_one_request_share_its_time(monkeypatch):
    """Each may take long; all of them together end with the request (OC-4)."""
    monkeypatch.setattr(client, "LEAST_SECONDS", 0.2)
    begun = time.monotonic()

    with somebody_who(lambda _: time.sleep(5)) as url:
        with calls_within(0.6), pytest.raises(NoReply, match="timeout"):
            post(url, b"{}")
        with calls_within(0.1), pytest.raises(NothingArrived, match="no time left"):
            post(url, b"{}")

    assert time.monotonic() - begun < 2


def test_after_the_request_a_call_has_all_its_time_again():
    with calls_within(0):
        pass

    with somebody_who(says("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")) as url:
        assert get(url) == (200, b"here")
