"""A shop's program: it calls the APIs with a credential, and never looks behind them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http.response import HttpResponseBase
from django.test import Client

from paygate import clock
from paygate.credentials import keep
from paygate.credentials.models import Credential
from paygate.tenants.context import within
from paygate.tenants.models import Merchant

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status and JSON."""

    status: int
    body: Json

    @property
    def error(self) -> str:
        """The name of the error, empty without one."""
        return str(self.body.get("ErrorName", ""))

    @property
    def details(self) -> str:
        return " ".join(self.body.get("ErrorDetail", []))


@dataclass(frozen=True, slots=True)
class Program:
    """Speaks both APIs for one merchant."""

    merchant: Merchant
    credential: Credential
    password: str

    @property
    def authorization(self) -> str:
        pair = f"{self.credential.user_name}:{self.password}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def header(self, version: str = "1.53", **members: Any) -> Json:
        told = {
            "SpecVersion": version,
            "CustomerId": self.merchant.customer_id,
            "RequestId": uuid4().hex,
            "RetryIndicator": 0,
        }
        return {"RequestHeader": told | members}

    def call(self, path: str, body: Mapping[str, Any], *, version: str = "1.53", **header: Any) -> Answer:
        """One call of the JSON API. `header`: members of the request header that are told differently."""
        return self.send(path, json.dumps({**self.header(version, **header), **body}))

    def send(self, path: str, body: str | bytes, **more: Any) -> Answer:
        """The same with a body as it is."""
        told = {"HTTP_AUTHORIZATION": self.authorization, "content_type": "application/json; charset=utf-8"}
        return answer_of(Client().generic("POST", f"/api/Payment/v1/{path}", body, **(told | more)))

    def rest(self, verb: str, path: str, body: Any = None, **more: Any) -> Answer:
        """One call of the Management API, below the customer's address; `query` for what stands behind the `?`."""
        told = {
            "HTTP_AUTHORIZATION": self.authorization,
            "HTTP_SAFERPAY_APIVERSION": "1.14",
            "HTTP_SAFERPAY_REQUESTID": uuid4().hex,
            "content_type": "application/json",
        }
        customer = more.pop("customer", self.merchant.customer_id)
        query = more.pop("query", None)
        address = f"/api/rest/customers/{customer}/{path}"
        text = json.dumps(body) if body is not None else ""
        if query:
            return answer_of(Client().get(address, query, **(told | more)))
        return answer_of(Client().generic(verb, address, text, **(told | more)))


def answer_of(response: HttpResponseBase) -> Answer:
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    if content:
        assert response["Content-Type"].startswith("application/json")
    return Answer(response.status_code, json.loads(content) if content else {})


def program_of(merchant: Merchant, **limits: Any) -> Program:
    """A program of this merchant with a credential of its own."""
    password = keep.new_password()
    with within(merchant.pk):
        made = keep.make(merchant, password=password, by="system", now=clock.now(), **limits)
    return Program(merchant, made, password)
