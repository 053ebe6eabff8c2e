"""Nobody waits for the network with a transaction open, and few know a network at all (safety.md LK-1)."""

import ast
import inspect
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

import paygate
from paygate.acquiring.connector import Connector
from paygate.acquiring.registry import KINDS
from paygate.journal.batch_close import close_batch
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.mail.delivery import deliver
from paygate.mail.server import MailServer
from paygate.outbound import CallInsideTransaction, leave_database
from paygate.threeds import asking
from paygate.threeds.registry import SERVERS
from paygate.threeds.server import ThreeDSServer
from tests.acquiring import requests
from tests.make.books import NOON
from tests.make.journal import reservation
from tests.threeds.builders import CHALLENGE, ask, authentication
from tests.threeds.builders import card as a_card

PACKAGE = Path(paygate.__file__).parent


def public_methods(kind: object) -> list[str]:
    """What may be called on it."""
    return [name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")]


ASKED = requests.authorize()
BOOKED = requests.capture(ASKED)

# A good argument for each method of a connector; a new method needs a line here.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "authorize": (ASKED,),
    "check_card": (requests.check(),),
    "register": (requests.register(),),
    "capture": (BOOKED,),
    "cancel": (requests.cancel(ASKED),),
    "refund": (requests.refund(BOOKED),),
    "reverse": (requests.reverse(ASKED),),
    "inquire": (requests.inquire(ASKED),),
    "submit_batch": (requests.batch(BOOKED),),
    "list_day": (requests.TERMINAL, date(2026, 11, 23)),
}


def connector_doors() -> list[Any]:
    return [
        pytest.param(kind, name, id=f"{label}.{name}")
        for label, kind in KINDS.items()
        for name in public_methods(kind.make())
        if name != "hosts"
    ]


def test_every_method_of_a_connector_is_tried_below():
    assert set(public_methods(Connector)) == set(ARGUMENTS) | {"hosts"}  # which asks nobody


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "method"), connector_doors())
def test_no_connector_is_asked_with_a_transaction_open(kind, method):
    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        getattr(kind.make(), method)(*ARGUMENTS[method])


# Everything a 3-D Secure server can be asked is asked in one file, and there through these doors.
def _server_calls() -> dict[str, set[str]]:
    """Which files call which methods of a 3-D Secure server."""
    methods = {
        name for name in public_methods(ThreeDSServer) if name not in {"identity", "hosts"}
    }  # its name and its hosts are not asked for outside
    found: dict[str, set[str]] = {name: set() for name in methods}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in methods
            ):
                found[node.func.attr].add(file.relative_to(PACKAGE).as_posix())
    return found


def test_three_d_secure_servers_are_asked_in_one_file_only():
    assert _server_calls() == {
        name: {"threeds/asking.py"} for name in ("card_range", "authenticate", "answer_of", "result_of")
    }
    assert SERVERS


def test_no_three_d_secure_server_is_asked_with_a_transaction_open(alpenblick):
    begun = authentication(CHALLENGE, at=alpenblick)
    challenged = authentication(CHALLENGE, at=alpenblick)
    ask(challenged, CHALLENGE)
    doors: list[Callable[[], object]] = [
        lambda: asking.look_up(a_card(CHALLENGE).number, merchant=alpenblick.merchant),
        lambda: ask(begun, CHALLENGE),
        lambda: asking.final_result(challenged, now=NOON),
    ]

    for door in doors:
        with transaction.atomic(), pytest.raises(CallInsideTransaction):
            door()


@pytest.mark.django_db
@pytest.mark.parametrize("server", ["", "smtp://127.0.0.1:9"])
def test_no_mail_is_delivered_with_a_transaction_open(settings, server):
    settings.EMAIL_URL = server

    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        deliver(1, now=NOON)


@pytest.mark.django_db
def test_no_mail_server_is_spoken_to_with_a_transaction_open():
    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        MailServer.of("smtp://127.0.0.1:9").hand_over(b"", sender="a@b.example", recipient="c@d.example")


def test_use_cases_that_ask_the_outside_notice_a_transaction_at_once(anna):
    """They open durable transactions of their own, so nothing at all happens inside somebody else's."""
    entry = reservation(anna.terminal, now=NOON)

    for use_case in (
        lambda: capture(entry.pk, by=anna.actor, now=NOON),
        lambda: cancel(entry.pk, by=anna.actor, now=NOON),
        lambda: close_batch(anna.terminal, by=anna.actor, now=NOON),
    ):
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            use_case()

    assert entry.movements.count() == 1


@pytest.mark.django_db
def test_outside_of_transactions_the_doors_are_open():
    leave_database("the outside")
    with pytest.raises(CallInsideTransaction, match="the moon"), transaction.atomic():
        leave_database("the moon")
    leave_database("the outside")


# What can reach a network, and who may know it.
NETWORK = {
    "socket", "socketserver", "ssl", "smtplib", "poplib", "imaplib", "ftplib", "telnetlib", "http", "urllib", "urllib3",
    "requests", "httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "wsgiref", "xmlrpc",
    "asyncio", "selectors", "select", "asyncore", "dns", "paramiko",
    "subprocess",
}  # fmt: skip
HARMLESS = {"urllib.parse", "http.HTTPStatus"}
MAY = {
    "mail/name_server.py": {"dns.exception", "dns.resolver"},
    "mail/server.py": {"smtplib", "ssl"},
    "mail/virus_scanner.py": {"socket", "subprocess"},  # of the operator's own, on this machine or beside it
    "outbound/client.py": {"httpcore2", "httpx2", "ssl"},  # the HTTP client for parties the operator chose
    "outbound/guarded.py": {"httpcore2", "httpx2", "socket", "ssl"},  # the one for addresses of users (SS-1)
    "outbound/punctual.py": {"httpcore2", "ssl"},  # the connections of both
    "operations/simulator/process.py": {
        "http.server",
        "socket",
        "wsgiref.handlers",
    },  # is asked, and asks nobody
    "jobs/distributed.py": {"asyncio"},  # the queue's library runs on it; it talks to the database
    "tenants/postgresql/base.py": {"select"},  # looks whether the database has ended the connection
    "operations/serve.py": {
        "socket",
        "subprocess",
        "urllib.error",
        "urllib.request",
    },  # starts us and asks whether we are up
}


def network_imports(source: str) -> set[str]:
    """Modules that can reach a network, as they are imported."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} & HARMLESS or {node.module}
    return {name for name in names if name.split(".")[0] in NETWORK and name not in HARMLESS}


def test_few_files_know_a_network():
    found = {
        file.relative_to(PACKAGE).as_posix(): network_imports(file.read_text())
        for file in PACKAGE.rglob("*.py")
    }

    assert {file: names for file, names in found.items() if names} == MAY


# Who calls out, and by which client: parties that the operator chose, or addresses that users have a say in (SS-1).
CALLERS = {
    "acquiring/simulator/wire.py": "the operator's",
    "simulation/wire.py": "the operator's",
    "threeds/simulator/issuer.py": "the operator's",
    "webhooks/calling.py": "guarded",
}


def caller_of(source: str) -> str:
    """By which of the two clients this file calls out; empty when by none."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.module == "paygate.outbound.guarded" and "get" in names:
                return "guarded"
            if node.module in {"paygate.outbound", "paygate.outbound.client"} and names & {"get", "post"}:
                return "the operator's"
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"get", "post"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "outbound"
        ):
            return "the operator's"
    return ""


def test_addresses_that_users_have_a_say_in_are_called_by_the_guarded_client_alone():
    """safety.md SS-1."""
    found = {
        file.relative_to(PACKAGE).as_posix(): caller_of(file.read_text())
        for file in PACKAGE.rglob("*.py")
        if "outbound" not in file.relative_to(PACKAGE).parts
    }

    assert {file: client for file, client in found.items() if client} == CALLERS


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import socket", {"socket"}),
        ("from urllib.request import urlopen", {"urllib.request"}),
        ("def f():\n    import http.client", {"http.client"}),
        ("from urllib.parse import urlsplit", set()),
        ("import requests as r", {"requests"}),
        ("from paygate.acquiring import connector", set()),
    ],
)
def test_the_check_sees_who_knows_a_network(source, found):
    assert network_imports(source) == found
