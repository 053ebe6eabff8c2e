"""What somebody sees who tries an address out: status and time, and never what the other side wrote (SS-6)."""

import pytest

from paygate.webhooks.calling import said, try_out
from tests.mail.post import free_port


def test_it_shows_status_and_time(shop):
    shop.status, shop.body = 404, b"the secrets of this server"

    tried = try_out(f"{shop.url}/paid")

    assert (tried.status, str(tried.words)) == (404, "answered with status 404")
    assert 0 <= tried.milliseconds < 10_000
    assert "secret" not in str(tried)
    assert [heard.path for heard in shop.heard] == ["/paid"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://169.254.169.254/", "this address is not public"),
        ("https://user@shop.example/", "an address with a user name is not called"),
        ("gopher://shop.example/", "this address is never called"),
    ],
)
def test_where_nobody_may_call_it_says_so(url, words):
    tried = try_out(url)

    assert (tried.status, str(tried.words)) == (None, words)


def test_where_nobody_answers_it_says_so():
    assert str(try_out(f"http://127.0.0.1:{free_port()}/").words) == "the connection was refused"


def test_whatever_came_of_a_call_has_its_words():
    assert said("something new") == "something new"
