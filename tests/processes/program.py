"""A shop's program over the network, at the process behind one port."""

import base64
import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from tests.api.program import Answer
from tests.processes.town import Town
from tests.processes.wire import Gone

SECONDS = 100  # a client waits no longer (behaviour.md A-11)


class TownProgram:
    """Speaks the JSON API for one merchant of a town; what is called may die of it."""

    def __init__(self, town: Town) -> None:
        self.who: dict[str, Any] = town.steward.ask("a_program")
        self.town, self.port = town, 0

    @property
    def terminal(self) -> str:
        return str(self.who["terminal"])

    def call(self, path: str, body: dict[str, Any], request: str) -> Answer:
        """One call. Raises `Gone` where nobody lived to answer it."""
        pair = f"{self.who['user']}:{self.who['password']}"
        header = {
            "SpecVersion": "1.53",
            "CustomerId": self.who["customer"],
            "RequestId": request,
            "RetryIndicator": 0,
        }
        wire = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            wire.request(
                "POST",
                f"/api/Payment/v1/{path}",
                json.dumps({"RequestHeader": header, **body}),
                {
                    "Host": self.town.gate.url.partition("//")[2],
                    "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
                    "Content-Type": "application/json; charset=utf-8",
                    "Accept": "application/json",
                },
            )
            answer = wire.getresponse()
            return Answer(answer.status, json.loads(answer.read()))
        except (OSError, HTTPException) as error:
            raise Gone from error
        finally:
            wire.close()

    def entries(self) -> list[dict[str, Any]]:
        """What our journal says."""
        found: list[dict[str, Any]] = self.town.steward.ask("entries_of", customer=self.who["customer"])
        return found

    def theirs(self, op: str) -> list[dict[str, Any]]:
        """What the acquirer approved of this kind at this terminal, and stands."""
        rows = self.town.book_of_acquirer(self.terminal)
        return [row for row in rows if row["op"] == op and row["code"] == "00"]
