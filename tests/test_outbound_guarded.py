"""The client for addresses that a user can influence: whom it calls, and whom it never calls (safety.md 15)."""

import socket
import time
from ipaddress import ip_address
from types import SimpleNamespace

import pytest
from django.db import transaction

from paygate.acquiring import registry as acquiring_registry
from paygate.outbound import CallInsideTransaction, NoReply, NothingArrived, guarded
from paygate.outbound.client import Limits
from paygate.outbound.destination import Destination, Refused, is_public, networks
from paygate.outbound.guarded import get
from paygate.threeds import registry as threeds_registry
from tests.test_outbound import says, slowly, somebody_who

OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOOPBACK = networks("127.0.0.0/8 ::1/128")


@pytest.fixture
def closed(settings) -> None:
    """An installation whose operator has allowed nothing."""
    settings.PAYGATE_OUTBOUND_ALLOW = ()


@pytest.fixture
def names(monkeypatch) -> dict[str, list[list[str]]]:
    """Name servers as the story says: for each name its answers one after the other; the last one stays."""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host not in answers:
            return real(host, port, *args, **kwargs)
        told = answers[host]
        addresses = told.pop(0) if len(told) > 1 else told[0]
        if not addresses:
            raise socket.gaierror(f"no address for {host}")
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
NOT_PUBLIC = [
    # this machine, private networks, link-local with the metadata services of clouds
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::", "::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fec0::1",
    # kept by protocols, for tests and for documents
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1",
    # to many, to all, to nobody
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "ff02::1", "ff0e::1", "4000::1",
    # and the same wrapped: mapped, compatible, 6to4, NAT64, NAT64 of the operator's own, Teredo (server and client)
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::192.88.99.1", "64:ff9b:1::7f00:1", "64:ff9b:1:7f00:0:100::", "64:ff9b:1::808:808",
    "2001:0:7f00:1::f7f7:f7f7", "2001:0:808:808::80ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_plainly_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_plainly_public(address, closed, names):
    """SS-4: by figures, and behind a name."""
    names["shop.example"] = [[address]]
    assert not is_public(ip_address(address))

    for host in ("shop.example", f"[{address}]" if ":" in address else address):
        with pytest.raises(Refused, match="private"):
            get(f"https://{host}/paid")


ODD = [
    # addresses in other figures
    ("http://127.1/", "host"), ("http://127.0.1/", "host"), ("http://0x7f000001/", "host"),
    ("http://0x7f.0.0.1/", "host"), ("http://2130706433/", "host"), ("http://0177.0.0.1/", "host"),
    ("http://127.0.0.01/", "host"), ("http://127.0.0.1.0x1/", "host"), ("http://1.2.3.4.5/", "host"),
    ("http://017700000001/", "host"), ("http://a.0x7f/", "host"), ("http://256.1.1.1/", "host"),
    # other signs for the same
    ("http://１２７.0.0.1/", "private"), ("http://①②⑦.0.0.1/", "private"), ("http://127。0。0。1/", "private"),
    ("http://127.0.0.1./", "private"), ("http://127%2e0.0.1/", "host"), ("http://%31%32%37.0.0.1/", "host"),
    # brackets and zones
    ("http://[127.0.0.1]/", "spelling"), ("http://[::1/", "spelling"), ("http://::1/", "spelling"),
    ("http://[fe80::1%25eth0]/", "host"), ("http://[v1.x]/", "host"), ("http://[0:0:0:0:0:0:0:1]/", "private"),
    ("http://[::ffff:7f00:1]/", "private"),
    # other places for the host
    ("http://user@shop.example/", "user"), ("http://user:secret@127.0.0.1/", "user"),
    ("http://shop.example:80@127.0.0.1/", "user"), ("http://shop.example\\@127.0.0.1/", "spelling"),
    ("http://127.0.0.1\\.shop.example/", "spelling"), ("http:\\\\127.0.0.1/", "spelling"),
    ("http://127.0.0.1\t/", "spelling"), ("http://shop.example/\r\nHost: internal", "spelling"),
    ("ht\ntp://127.0.0.1/", "spelling"), (" http://127.0.0.1/", "spelling"), ("http://shop.example/a b", "spelling"),
    ("http:///127.0.0.1/", "host"), ("http://", "host"), ("http://..../", "host"), ("http://a..b/", "host"),
    ("http://-a.example/", "host"), ("http://" + "a" * 64 + ".example/", "host"),
    ("http://" + "a." * 140 + "example/", "host"), ("https://shop.example/" + "x" * 2000, "length"),
    # other schemes and ports
    ("ftp://shop.example/", "scheme"), ("file:///etc/passwd", "scheme"), ("gopher://127.0.0.1/", "scheme"),
    ("//127.0.0.1/", "scheme"), ("javascript:alert(1)", "scheme"), ("", "spelling"),
    ("https://8.8.8.8:8443/", "port"), ("https://8.8.8.8:80/", "port"), ("http://8.8.8.8:22/", "port"),
    ("http://8.8.8.8:0/", "port"), ("http://8.8.8.8:/", "port"), ("http://8.8.8.8:99999/", "spelling"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "why"), ODD)
def test_an_odd_spelling_leads_nowhere(url, why, closed):
    """SS-2, SS-5."""
    with pytest.raises(Refused, match=why):
        get(url, plain_http=True)


def test_without_the_merchants_choice_it_is_https(closed, names):
    """SS-2."""
    names["shop.example"] = [["93.184.215.14"]]

    with pytest.raises(Refused, match="scheme"):
        get("http://shop.example/paid")


def test_a_name_is_written_in_one_way():
    there = Destination.of("https://Bücher.Example.:443/wie%20war/es?so=schön#{token}")

    assert (there.host, there.port, there.target) == (
        "xn--bcher-kva.example",
        443,
        "/wie%20war/es?so=sch%C3%B6n",
    )
    assert (there.origin, there.authority) == ("https://xn--bcher-kva.example", "xn--bcher-kva.example")


def test_every_address_of_a_name_is_checked(closed, names):
    """SS-3: one inner address among public ones is enough."""
    names["shop.example"] = [["93.184.215.14", "2606:4700::1111", "10.0.0.1"]]

    with pytest.raises(Refused, match="private"):
        get("https://shop.example/paid")


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(settings, names):
    """SS-3: a name that answers differently the second time leads nowhere else (rebinding)."""
    heard: list[bytes] = []
    with somebody_who(says(OK), heard.append) as url:
        port = url.rpartition(":")[2]
        names["shop.example"] = [["127.0.0.1"], ["192.0.2.1"]]

        assert get(f"http://shop.example:{port}/paid?t=1#here") == 200

    assert len(names["shop.example"]) == 1, "it was looked up more than once"
    (request,) = heard
    assert request.startswith(b"GET /paid?t=1 HTTP/1.1\r\n")
    assert f"\r\nHost: shop.example:{port}\r\n".encode() in request
    assert request.endswith(b"\r\n\r\n"), "a GET without a body"


def test_the_second_address_is_called_where_the_first_is_not_there(names):
    with somebody_who(says(OK)) as url:
        port = url.rpartition(":")[2]
        names["shop.example"] = [["127.0.0.9", "127.0.0.1"]]

        assert get(f"http://shop.example:{port}/") == 200


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PAYGATE_PUBLIC_URL", "https://own.example"),
        ("EMAIL_URL", "smtp://user:password@own.example:587"),
        ("PAYGATE_VIRUS_SCANNER", "clamd://own.example:3310"),
        ("PAYGATE_SIMULATOR_URL", "http://OWN.example:8100"),
        ("DATABASES", {"default": {"HOST": "own.example."}}),
    ],
)
def test_our_own_hosts_are_called_by_nobody(setting, value, settings, closed, names):
    """SS-5: neither by name nor by address, wrapped or not, whatever the name is."""
    setattr(settings, setting, value)
    names["own.example"] = [["93.184.215.14"]]
    names["other.example"] = [["64:ff9b::5db8:d70e"]]

    for host in ("own.example", "OWN.EXAMPLE.", "93.184.215.14", "other.example", "[::ffff:93.184.215.14]"):
        with pytest.raises(Refused, match="own"):
            get(f"https://{host}/health/live")


@pytest.mark.parametrize("registry", [acquiring_registry.KINDS, threeds_registry.SERVERS])
def test_whoever_a_connector_speaks_to_is_called_by_nobody(registry, closed, names, monkeypatch):
    """SS-5: with its row in the registry, and without a list that somebody would have to think of."""
    names["acquirer.example"] = [["93.184.215.14"]]
    names["shop.example"] = [["93.184.215.14"]]
    party = SimpleNamespace(hosts=lambda: ["Acquirer.example"])
    row = acquiring_registry.ConnectorKind(make=lambda: party, live=True)
    monkeypatch.setitem(registry, "new", row if registry is acquiring_registry.KINDS else party)

    for host in ("acquirer.example", "ACQUIRER.example.", "shop.example"):
        with pytest.raises(Refused, match="own"):
            get(f"https://{host}/paid")


def test_the_operators_list_lifts_the_rules_and_is_logged(settings, names, caplog):
    """SS-7: address, port and scheme; only for what is on the list, and only where all addresses are."""
    with somebody_who(says(OK)) as url:
        settings.PAYGATE_OUTBOUND_ALLOW = LOOPBACK
        with caplog.at_level("INFO"):
            assert get(f"{url}/paid") == 200
        assert "operator's list" in " ".join(record.getMessage() for record in caplog.records)
        assert "/paid" not in " ".join(record.getMessage() for record in caplog.records)

        settings.PAYGATE_OUTBOUND_ALLOW = networks("10.1.0.0/16")
        with pytest.raises(Refused):
            get(f"{url}/paid")

    settings.PAYGATE_OUTBOUND_ALLOW = LOOPBACK
    names["half.example"] = [["127.0.0.1", "10.0.0.1"]]
    with pytest.raises(Refused, match="private"):
        get("https://half.example/")


def test_a_redirect_is_an_answer_and_not_followed(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"

    with somebody_who(says(moved)) as url:
        assert get(url) == 302


def test_of_an_endless_answer_only_the_beginning_is_read():
    """SS-6."""
    sent: list[int] = []

    def endless(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            sent.append(connection.send(b"x" * 65536))

    with somebody_who(endless) as url:
        assert get(url) == 200

    assert sum(sent) < 20_000_000


@pytest.mark.parametrize(
    "answers",
    [lambda _: time.sleep(2), slowly("HTTP/1.1 200 OK\r\nX: " + "x" * 1000, 0.05)],
    ids=["silence", "headers that trickle"],
)
def test_a_slow_answer_has_an_end(answers, monkeypatch):
    assert (guarded.LIMITS.connect, guarded.LIMITS.total, guarded.LIMITS.longest) == (5, 10, 65536)
    monkeypatch.setattr(guarded, "LIMITS", Limits(connect=1, read=0.3, total=0.6, longest=65536))

    with somebody_who(answers) as url, pytest.raises(NoReply, match="timeout"):
        get(url)


def test_where_nobody_is_nothing_arrives(names):
    names["nowhere.example"] = [[]]

    with pytest.raises(NothingArrived, match="connection refused"):
        get("http://127.0.0.1:9/")
    with pytest.raises(NothingArrived, match="no address"):
        get("https://nowhere.example/")
    with somebody_who(says("this is no TLS")) as url, pytest.raises(NothingArrived, match="no TLS"):
        get(url.replace("http:", "https:"))


@pytest.mark.django_db
def test_nobody_is_called_within_a_transaction():
    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        get("http://127.0.0.1:9/")
