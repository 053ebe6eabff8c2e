"""What never stands in a log line, whoever writes it (safety.md LG-1 to LG-4). The real formatter is fed."""

import json
import logging
import logging.config
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import structlog

from paygate.cards.number import CardNumber
from paygate.project.logging import ALLOWED, logging_config

CARD = "4111111111111111"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def raw() -> Any:
    """A root logger with our handler, writing into memory."""
    config = logging_config()
    written = StringIO()
    formatter = config["formatters"]["line"]
    handler = logging.StreamHandler(written)
    made = {name: value for name, value in formatter.items() if name != "()"}
    handler.setFormatter(formatter["()"](**made))
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers, root.level = [handler], logging.INFO
    yield written
    root.handlers, root.level = before, level


@pytest.fixture
def lines(raw) -> Lines:
    """What was written, line by line."""
    return lambda: [json.loads(line) for line in raw.getvalue().splitlines()]


def ours(name: str = "paygate.story") -> Any:
    return structlog.get_logger(name)


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111_1111_1111_1111",
        "4111  1111  1111  1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111 - 1111 - 1111 - 1111",
        "4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
        "378282246310005",
        "6011000990139424000",
        "４１１１１１１１１１１１１１１１",
        f"5 {CARD}",
        f"{CARD} 12/2030",
        f"07:{CARD}:99",
        f"2026-11-23 {CARD}",
        f"x{CARD}y",
        f"123456789{CARD}123456789",
    ],
)
def test_a_card_number_is_not_written_however_it_is_spelled(raw, text):
    ours().info(f"paying with {text}", cause=text)
    logging.getLogger("library").warning("paying with %s", text)

    digits = "".join(str(int(sign)) for sign in raw.getvalue() if sign.isdigit())
    shown = "".join(str(int(sign)) for sign in text if sign.isdigit())
    for number in (CARD, "378282246310005", "6011000990139424000"):
        if number in shown:
            assert number not in digits
    assert "[card]" in raw.getvalue()


@pytest.mark.parametrize(
    "text",
    ["call +41 44 668 18 00", "order 20261060", "took 1234567890123 ns", "2026-11-23"],
)
def test_other_numbers_are(lines, text):
    ours().info(text)

    (line,) = lines()
    assert line["event"] == text


@pytest.mark.parametrize(
    "value",
    [
        int(CARD),
        [CARD],
        {"number": CARD},
        (1, CARD),
        ValueError(CARD),
        type("Thing", (), {"__repr__": lambda self: CARD, "__str__": lambda self: CARD})(),
    ],
    ids=["number", "list", "dict", "tuple", "exception", "object"],
)
def test_nor_is_it_inside_of_something_else(raw, value):
    ours().info("paying", cause=value)

    assert CARD not in raw.getvalue()


def test_nor_in_a_traceback(raw):
    def pay(number: str) -> None:
        raise ValueError(f"no such card: {number}")

    for logger in (ours(), logging.getLogger("django.request"), logging.getLogger("library")):
        try:
            pay(CARD)
        except ValueError:
            logger.exception("payment failed")

    assert len(raw.getvalue().splitlines()) == 3
    assert "Traceback" in raw.getvalue()
    assert CARD not in raw.getvalue()


def test_our_own_card_numbers_are_masked_even_before(lines):
    ours().info("paying", cause=str(CardNumber.parse(CARD)))

    assert CARD not in lines()[0]["cause"]


@pytest.mark.parametrize(
    "text",
    [
        "cvc=hushhush",
        "CVV: hushhush",
        "code = hushhush",
        "Authorization: Basic hushhush",
        "authorization: Bearer hush.hushhush",
        "Proxy-Authorization: Basic hushhush",
        "Cookie: paygate=a; sessionid=hushhush; b=c",
        "set-cookie: paygate=hushhush; HttpOnly",
        "password=hushhush",
        "{'password': 'hushhush'}",
        '{"password": "hushhush"}',
        '{"password": "not this word, hushhush"}',
        "token=hushhush&a=b",
        "access_token=hushhush",
        "csrftoken=hushhush",
        "X-Api-Key: hushhush",
        "api_key=hushhush",
        "PAYGATE_SECRET_KEY=hushhush",
        "client_secret: hushhush",
        "authenticationValue=hushhush",
        "packet=hushhush",
        "smtp://reception:hushhush@mail.example",
        "could not connect to postgresql://paygate:hushhush@db/paygate",
    ],
)
def test_what_has_the_name_of_a_secret_is_hidden(raw, text):
    ours().info(text, cause=text)
    logging.getLogger("library").error("failed: %s", text)

    assert "hushhush" not in raw.getvalue()
    assert "[hidden]" in raw.getvalue()


def test_only_named_fields_are_written(lines):
    ours().info(
        "paid",
        offer="abc123",
        body="<xml/>",
        headers={"a": "b"},
        query="a=b",
        params=["x"],
        form={"number": 1},
    )

    (line,) = lines()
    assert line.keys() == {"event", "level", "logger", "timestamp", "offer"}
    assert line.keys() <= ALLOWED
    assert not ALLOWED & {
        "body",
        "headers",
        "query",
        "params",
        "form",
        "cookies",
        "payload",
        "sql",
        "address",
        "path",
    }


@pytest.mark.parametrize("logger", ["django.request", "django.security.DisallowedHost", "django.server"])
def test_djangos_own_lines_name_no_path(raw, lines, logger):
    path = "/SecurePayGate/Payment/100001/17000011/6f1c2a50-3c9e-4d14-9b1a-0a7b8f2f5f11"
    logging.getLogger(logger).error("Internal Server Error: %s", path)
    logging.getLogger(logger).warning("Not Found: %s", path)

    assert "6f1c2a50" not in raw.getvalue()
    assert {line["event"] for line in lines()} <= {"request failed", "request refused"}


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\r\n", "\0", "\x1b[31m", "\x7f", "\x85", "\x9b31m", "\u2028", "\u2029", "\x0b"]
)
def test_a_line_stays_one_line_whatever_is_in_it(raw, sign):
    ours().info(f"paid{sign}forged line", cause=f"a{sign}b", offer=[f"a{sign}b"])
    logging.getLogger("library").warning("paid%sforged line", sign)

    written = raw.getvalue()
    assert written.count("\n") == 2
    assert len(written.splitlines()) == 2
    assert not [each for each in written.replace("\n", "") if ord(each) < 32 or 0x7F <= ord(each) <= 0x9F]


def test_every_logger_writes_through_the_same_net():
    config = logging_config()

    assert set(config["handlers"]) == {"lines"}
    assert config["root"]["handlers"] == ["lines"]
    assert not [
        name for name, logger in config["loggers"].items() if "handlers" in logger or "propagate" in logger
    ]


def test_nothing_below_the_level_of_information_is_written(raw):
    logging.getLogger("django.db.backends").debug("SELECT %s", CARD)
    ours().debug("details")

    assert raw.getvalue() == ""
