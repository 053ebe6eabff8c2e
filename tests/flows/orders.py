"""What a shop orders by the Transaction interface: a token for its payer, and later the money."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from paygate.acquiring.simulator import ledger
from tests.api.program import Answer, Json, Program, program_of
from tests.flows.buyer import Buyer
from tests.make.desks import Desk

BACK = "https://shop.example/back?order=7"
READY, FAILED = "http://127.0.0.1:9/ready?order=7", "http://127.0.0.1:9/failed?order=7"


@dataclass(frozen=True, slots=True)
class Order:
    """What Initialize answered."""

    program: Program
    body: Json

    @property
    def path(self) -> str:
        return str(urlsplit(self.body["Redirect"]["RedirectUrl"]).path)

    def authorize(self, request: str = "", **body: Any) -> Answer:
        header = {"RequestId": request} if request else {}
        return self.program.call("Transaction/Authorize", {"Token": self.body["Token"]} | body, **header)


def order(shop: Desk, *, version: str = "1.53", **changed: Any) -> Order:
    told: Json = {
        "TerminalId": shop.terminal.number,
        "Payment": {"Amount": {"Value": "12000", "CurrencyCode": "CHF"}, "OrderId": "S-7"},
        "ReturnUrl": {"Url": BACK},
        "RedirectNotifyUrls": {"Success": READY, "Fail": FAILED},
    }
    program = program_of(shop.terminal.merchant)
    told = {name: value for name, value in (told | changed).items() if value is not ...}
    answer = program.call("Transaction/Initialize", told, version=version)
    assert answer.status == 200, answer
    return Order(program, answer.body)


def means(number: str) -> Json:
    return {
        "PaymentMeans": {
            "Card": {"Number": number, "ExpYear": 2034, "ExpMonth": 12, "VerificationCode": "737"}
        }
    }


def opened(asked: Order) -> Buyer:
    carla = Buyer()
    carla.open(asked)
    return carla


def asked_for() -> list[str]:
    return [str(row["op"]) for row in ledger.listed()]
