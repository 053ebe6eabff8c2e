"""What a program tells when it asks for money without the payer."""

from typing import Any

from tests.make.walk import GOOD_VISA

DIRECT = "Transaction/AuthorizeDirect"


def wish(number: str = GOOD_VISA, value: str = "12000", **payment: Any) -> dict[str, Any]:
    amount = {"Value": value, "CurrencyCode": "CHF"}
    means = {"Card": {"Number": number, "ExpYear": 2034, "ExpMonth": 12, "VerificationCode": "737"}}
    return {
        "TerminalId": "17000011",
        "Payment": {"Amount": amount, "OrderId": "A-1", "Description": "Two nights"} | payment,
        "PaymentMeans": means,
    }
