"""Make a payment link with the Management API, look at it, and take it back.

Needs Python alone. Tell it where PayGate is and who you are:

    PAYGATE_URL=http://localhost:8000 PAYGATE_USER=API_100001_10000001 PAYGATE_PASSWORD=... python links.py
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from uuid import uuid4

URL, USER, PASSWORD = (os.environ[f"PAYGATE_{name}"] for name in ("URL", "USER", "PASSWORD"))
CUSTOMER = USER.split("_")[1]
TERMINAL = os.environ.get("PAYGATE_TERMINAL", "17000011")  # the demo's for payment links


def call(verb: str, path: str, body: dict | None = None) -> dict:
    """One call. Amounts are minor units, as text. Ends with the error's name when it failed, and what is wrong."""
    request = urllib.request.Request(
        f"{URL}/api/rest/customers/{CUSTOMER}/{path}",
        method=verb,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Saferpay-ApiVersion": "1.14",
            "Saferpay-RequestId": uuid4().hex,  # the same again: the same answer, and no second link
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=100) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as failure:
        told = json.load(failure)
        sys.exit(f"{told['ErrorName']}: {told['ErrorMessage']} {told.get('ErrorDetail', '')}")


link = call(
    "POST",
    f"terminals/{TERMINAL}/spg-offers",
    {
        "ExpirationDate": (datetime.now(UTC) + timedelta(days=14)).isoformat(timespec="seconds"),
        "Payer": {"LanguageCode": "de"},
        "Payment": {
            "Amount": {"Value": "12000", "CurrencyCode": "CHF"},
            "OrderId": "2026-1041",
            "Description": "Deposit for a double room",
        },
    },
)
print("link:", link["PaymentLink"])

offer = f"terminals/{TERMINAL}/spg-offers/{link['OfferId']}"
print("status:", call("GET", offer)["Status"])
call("DELETE", offer)
print("status:", call("GET", offer)["Status"])
