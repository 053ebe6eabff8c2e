"""A payer lets a wallet be charged later by `Alias/Insert`, and the program charges it."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from tests.api.program import Answer, Program
from tests.flows.buyer import Buyer
from tests.make.desks import Desk

INSERT, ASSERT, DIRECT = "Alias/Insert", "Alias/AssertInsert", "Transaction/AuthorizeDirect"
BACK = "https://shop.example/wallet?guest=7"
HERE = "http://127.0.0.1:9/stored?guest=7"
WALLETS = pytest.mark.parametrize("wallet", ["TWINT", "POSTFINANCEPAY"])


def wish(wallet: str = "TWINT", **changed: Any) -> dict[str, Any]:
    told = {
        "RegisterAlias": {"IdGenerator": "MANUAL", "Id": "guest-7", "Lifetime": 30},
        "Type": wallet,
        "ReturnUrl": {"Url": BACK},
        "LanguageCode": "en",
    }
    return told | changed


def opened(program: Program, carla: Buyer, wallet: str = "TWINT", **changed: Any) -> str:
    """The token of a page that Carla looks at."""
    answer = program.call(INSERT, wish(wallet, **changed))
    assert answer.status == 200, answer
    assert answer.body["RedirectRequired"] is True
    carla.open(urlsplit(answer.body["Redirect"]["RedirectUrl"]).path)
    return str(answer.body["Token"])


def at_the_wallet(program: Program, carla: Buyer, wallet: str = "TWINT", **changed: Any) -> str:
    """Carla stands before the wallet's page."""
    token = opened(program, carla, wallet, **changed)
    carla.send(carla.page.form("data-pay"))
    carla.to_wallet()
    return token


def stored(program: Program, carla: Buyer, wallet: str = "TWINT", **changed: Any) -> str:
    """The name of the alias."""
    token = at_the_wallet(program, carla, wallet, **changed)
    carla.press("approve")
    told = asserted(program, token)
    assert told.status == 200, told
    return str(told.body["Alias"]["Id"])


def asserted(program: Program, token: str) -> Answer:
    return program.call(ASSERT, {"Token": token})


def charge(program: Program, hotel: Desk, name: str = "guest-7", value: int = 4990, **more: Any) -> Answer:
    asked = {
        "TerminalId": hotel.terminal.number,
        "Payment": {"Amount": {"Value": str(value), "CurrencyCode": "CHF"}, "OrderId": "stay-7"},
        "PaymentMeans": {"Alias": {"Id": name}},
    }
    header = {name: more.pop(name) for name in ("RequestId", "RetryIndicator") if name in more}
    return program.call(DIRECT, asked | more, **header)


def anew(seconds: int, settings) -> None:
    """So much later the jobs that are due have run."""
    settings.PAYGATE_CLOCK_OFFSET = str(seconds)
    sweep()
    run_due()
