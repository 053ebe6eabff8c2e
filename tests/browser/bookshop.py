"""A small bookshop on the web, a process of its own that knows PayGate by its JSON API alone.

`python -m tests.browser.bookshop PORT` with PAYGATE_URL, PAYGATE_USER and PAYGATE_PASSWORD. An order is put down by
POST to /orders/NUMBER with what is said to PaymentPage/Initialize besides; /buy/NUMBER sends the payer to the page, our
calls go to /paid and /failed, the payer comes back to /back. Both of them assert and capture, as shops do.
"""

import base64
import html
import json
import os
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

PAYGATE, USER, PASSWORD = (os.environ.get(f"PAYGATE_{name}", "") for name in ("URL", "USER", "PASSWORD"))
TERMINAL = "17000011"
Json = dict[str, Any]

orders: dict[str, Json] = {}


def call(path: str, body: Json, version: str) -> Json:
    """One call of the JSON API: what was told, a failure too."""
    header = {
        "SpecVersion": version,
        "CustomerId": USER.split("_")[1],
        "RequestId": uuid4().hex,
        "RetryIndicator": 0,
    }
    request = urllib.request.Request(
        f"{PAYGATE}/api/Payment/v1/{path}",
        data=json.dumps({"RequestHeader": header, **body}).encode(),
        headers={
            "Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=100) as answer:
            told: Json = json.load(answer)
    except urllib.error.HTTPError as failure:
        told = json.load(failure)
    return told


class Shop(BaseHTTPRequestHandler):
    """The shop's pages, and the door for our calls."""

    def do_POST(self) -> None:
        _, where, number = self.path.split("/")
        if where == "orders":
            length = int(self.headers.get("Content-Length") or 0)
            orders[number] = {
                "wish": json.loads(self.rfile.read(length)), "heard": [], "asserted": [], "captured": []
            }  # fmt: skip
        if where == "refund":
            self._refund(orders[number])
        self._answer({})

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self._answer({})
            return
        _, where, number = self.path.partition("?")[0].split("/")
        order = orders[number]
        match where:
            case "orders":
                self._answer(order)
            case "buy":
                self._send_payer_on(number, order)
            case "paid" | "failed":
                order["heard"].append(where)
                self._assert_and_capture(order)
                self._answer({})
            case "back":
                self._show(number, self._assert_and_capture(order))

    def _send_payer_on(self, number: str, order: Json) -> None:
        told = call("PaymentPage/Initialize", self._wish(number, order["wish"]), order["wish"]["version"])
        order["page"] = told
        self.send_response(303)
        self.send_header("Location", told["RedirectUrl"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _wish(self, number: str, wish: Json) -> Json:
        here = f"http://{self.headers['Host']}"
        body: Json = {
            "TerminalId": TERMINAL,
            "Payment": {
                "Amount": {"Value": "4990", "CurrencyCode": "CHF"},
                "OrderId": number,
                "Description": "Three books",
            },
        }
        if int(wish["version"][2:]) < 24:  # as programs of those years say it
            ends = {"Success": "success", "Fail": "fail", "Abort": "abort"}
            body["ReturnUrls"] = {name: f"{here}/back/{number}?end={end}" for name, end in ends.items()}
            body["Notification"] = {"NotifyUrl": f"{here}/paid/{number}"}
        else:
            body["ReturnUrl"] = {"Url": f"{here}/back/{number}"}
            body["Notification"] = {
                "SuccessNotifyUrl": f"{here}/paid/{number}",
                "FailNotifyUrl": f"{here}/failed/{number}",
            }
        body |= wish["members"]
        return body

    def _assert_and_capture(self, order: Json) -> Json:
        """What every shop does from both places, sometimes at the same moment."""
        version = order["wish"]["version"]
        told = call("PaymentPage/Assert", {"Token": order["page"]["Token"]}, version)
        order["asserted"].append(told)
        if told.get("Transaction", {}).get("Status") == "AUTHORIZED":
            reference = {"TransactionReference": {"TransactionId": told["Transaction"]["Id"]}}
            order["captured"].append(call("Transaction/Capture", reference, version))
        return told

    def _refund(self, order: Json) -> None:
        (capture,) = [one["CaptureId"] for one in order["captured"] if "CaptureId" in one]
        body = {
            "Refund": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}},
            "CaptureReference": {"CaptureId": capture},
        }
        version = order["wish"]["version"]
        order["refunded"] = call("Transaction/Refund", body, version)
        reference = {"TransactionReference": {"TransactionId": order["refunded"]["Transaction"]["Id"]}}
        order["refund captured"] = call("Transaction/Capture", reference, version)

    def _show(self, number: str, told: Json) -> None:
        end = told["Transaction"]["Status"] if "Transaction" in told else told["ErrorName"]
        page = (
            f"<!doctype html><html lang='en'><title>Books</title><main data-end='{html.escape(end)}'>"
            f"<h1>Order {html.escape(number)}</h1></main></html>"
        )
        self._send("text/html; charset=utf-8", page.encode())

    def _answer(self, told: Json) -> None:
        self._send("application/json", json.dumps(told).encode())

    def _send(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
