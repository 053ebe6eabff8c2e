"""A shop in forty lines: ask for a payment page, send the payer there, find out how it ended, book it.

    python shop.py pay               prints where the payer is sent, and the token
    python shop.py finish TOKEN      after the payer is back, or from within our call to your server

Needs Python alone. PAYGATE_URL, PAYGATE_USER and PAYGATE_PASSWORD say where PayGate is and who you are.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from uuid import uuid4

URL, USER, PASSWORD = (os.environ[f"PAYGATE_{name}"] for name in ("URL", "USER", "PASSWORD"))
TERMINAL = os.environ.get("PAYGATE_TERMINAL", "17000021")  # the demo's for shops


def call(path: str, body: dict) -> dict:
    """One call of the JSON API. Ends with the error's name when it failed: ErrorName says why, Behavior what to do."""
    header = {
        "SpecVersion": "1.53",
        "CustomerId": USER.split("_")[1],
        "RequestId": uuid4().hex,
        "RetryIndicator": 0,
    }
    request = urllib.request.Request(
        f"{URL}/api/Payment/v1/{path}",
        data=json.dumps({"RequestHeader": header, **body}).encode(),
        headers={
            "Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=100) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as failure:
        told = json.load(failure)
        sys.exit(f"{told['ErrorName']}: {told['ErrorMessage']} {told.get('ErrorDetail', '')}")


if sys.argv[1:] == ["pay"]:
    page = call(
        "PaymentPage/Initialize",
        {
            "TerminalId": TERMINAL,
            "Payment": {
                "Amount": {"Value": "4990", "CurrencyCode": "CHF"},
                "OrderId": "order-7",
                "Description": "Three books",
            },
            "ReturnUrl": {"Url": "https://shop.example/back?order=7"},
            "Notification": {"SuccessNotifyUrl": "https://shop.example/paid?order=7"},
        },
    )
    print(page["RedirectUrl"])
    print(page["Token"])
elif sys.argv[1:2] == ["finish"]:
    paid = call("PaymentPage/Assert", {"Token": sys.argv[2]})["Transaction"]
    print(paid["Status"], paid["OrderId"], paid["Amount"])
    # Else it is booked: our call and the payer's return come in either order.
    if paid["Status"] == "AUTHORIZED":
        booked = call("Transaction/Capture", {"TransactionReference": {"TransactionId": paid["Id"]}})
        print(booked["Status"], booked["CaptureId"])
else:
    sys.exit(__doc__)
