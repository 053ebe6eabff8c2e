"""Whatever the description allows, sent: no server error, and no answer that the description does not know.

The description is the one that is served. Each call is sent with the shop's own credential and customer, so that what
is generated gets past the door; the rest of a request is chance, the same each time.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.program import Program

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CUSTOMER = "100001"  # of Hotel Alpenblick

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """As with Django's own test client, a request does not close the connection that the test stands on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def from_the_shop(case: Any, shop: Program) -> None:
    """What decides who calls is not left to chance."""
    case.headers = {**(case.headers or {}), "Authorization": shop.authorization}
    if case.path_parameters and "customerId" in case.path_parameters:
        case.path_parameters = {**case.path_parameters, "customerId": CUSTOMER}
    header = case.body.get("RequestHeader") if isinstance(case.body, dict) else None
    if isinstance(header, dict):
        header["CustomerId"] = CUSTOMER


@pytest.mark.on_sqlite
@pytest.mark.django_db
@schema.parametrize()
@settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
def test_nothing_that_is_described_is_answered_otherwise(case, shop):
    from_the_shop(case, shop)

    case.call_and_validate(checks=CHECKS)
