"""What SPF, DKIM and DMARC say of our domain, and what that means."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from paygate.mail import name_server as asking
from paygate.mail.name_server import NoAnswer, texts_in_time
from paygate.mail.sender_domain import Finding, Verdict, examine, stays_here
from paygate.outbound import CallInsideTransaction
from tests.mail.name_server import name_server

DOMAIN = "pay.alpenblick.ch"
DKIM_NAME = f"paygate._domainkey.{DOMAIN}"


def key(bits: int = 2048) -> str:
    """The public half, as it stands in a DKIM record."""
    public = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def finding(name: str, texts: dict[str, list[str]]) -> Finding:
    """What is found out about one of the three where the DNS says this."""
    return next(one for one in examine(DOMAIN, lambda asked: texts.get(asked, [])) if one.name == name)


@pytest.mark.parametrize(
    ("records", "verdict", "words"),
    [
        (["v=spf1 mx include:mail.example.net -all"], Verdict.GOOD, "names the servers"),
        (["V=SPF1 A ~ALL"], Verdict.GOOD, "names the servers"),
        (["v=spf1 redirect=_spf.example.net"], Verdict.GOOD, "names the servers"),
        (["v=spf1 mx +all"], Verdict.WEAK, "any server"),
        (["v=spf1 mx ?all"], Verdict.WEAK, "any server"),
        (["v=spf1 mx"], Verdict.WEAK, "any server"),
        (["v=spf1 mx -all", "v=spf1 a -all"], Verdict.WRONG, "several SPF records"),
        (["v=spf10 mx -all", "something else"], Verdict.WRONG, "Missing"),
        ([], Verdict.WRONG, "Missing"),
    ],
)
def test_spf(records, verdict, words):
    found = finding("SPF", {DOMAIN: records})

    assert (found.where, found.verdict) == (DOMAIN, verdict)
    assert words in str(found.words)


def test_the_record_to_add_names_the_mail_server(settings):
    settings.EMAIL_URL = "smtp://user:secret@mail.example.net:587?starttls=1"

    assert finding("SPF", {}).advice == "v=spf1 a:mail.example.net -all"


@pytest.mark.parametrize(
    ("records", "verdict", "words"),
    [
        ([f"v=DKIM1; k=rsa; p={key()}"], Verdict.GOOD, "key is there"),
        ([f"p={key()}"], Verdict.GOOD, "key is there"),
        (
            ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
            Verdict.GOOD,
            "key is there",
        ),
        ([f"v=DKIM1; p={key(1024)}"], Verdict.WEAK, "short"),
        (["v=DKIM1; p="], Verdict.WRONG, "withdrawn"),
        (["v=DKIM1; p=MIIBIjANBg"], Verdict.WRONG, "damaged"),
        (["v=DKIM1; p=a", "v=DKIM1; p=b"], Verdict.WRONG, "several keys"),
        (["something else"], Verdict.WRONG, "Missing"),
        ([], Verdict.WRONG, "Missing"),
    ],
    ids=["good", "short form", "Ed25519", "1024 bits", "empty", "cut off", "two", "another text", "none"],
)
def test_dkim(records, verdict, words):
    found = finding("DKIM", {DKIM_NAME: records})

    assert (found.where, found.verdict) == (DKIM_NAME, verdict)
    assert words in str(found.words)


@pytest.mark.parametrize(
    ("texts", "where", "verdict", "words"),
    [
        (
            {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject"]},
            f"_dmarc.{DOMAIN}",
            Verdict.GOOD,
            "put aside or refuse",
        ),
        (
            {"_dmarc.alpenblick.ch": ["v=DMARC1;p=quarantine"]},
            "_dmarc.alpenblick.ch",
            Verdict.GOOD,
            "put aside",
        ),
        (
            {"_dmarc.alpenblick.ch": ["v=DMARC1; p=reject; sp=none"]},
            "_dmarc.alpenblick.ch",
            Verdict.WEAK,
            "let false letters pass",
        ),
        (
            {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]},
            f"_dmarc.{DOMAIN}",
            Verdict.WEAK,
            "let false letters pass",
        ),
        (
            {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]},
            f"_dmarc.{DOMAIN}",
            Verdict.WRONG,
            "several DMARC records",
        ),
        ({"_dmarc.ch": ["v=DMARC1; p=reject"]}, f"_dmarc.{DOMAIN}", Verdict.WRONG, "Missing"),
        ({f"_dmarc.{DOMAIN}": ["v=DMARC10; p=reject"]}, f"_dmarc.{DOMAIN}", Verdict.WRONG, "Missing"),
    ],
)
def test_dmarc(texts, where, verdict, words):
    found = finding("DMARC", texts)

    assert (found.where, found.verdict) == (where, verdict)
    assert words in str(found.words)


def test_a_record_is_read_whole_from_the_name_server(settings):
    record = f"v=DKIM1; k=rsa; p={key()}"

    with name_server({DKIM_NAME: [record]}) as settings.PAYGATE_NAME_SERVER:
        ask = texts_in_time()
        assert ask(DKIM_NAME) == [record]
        assert ask(DOMAIN) == []


def test_nobody_waits_for_a_name_server_that_says_nothing(settings, monkeypatch):
    """One time is up for all three together, so the second and the third are not even asked."""
    monkeypatch.setattr(asking, "SECONDS", 0.2)

    with name_server({}, silent=True) as settings.PAYGATE_NAME_SERVER:
        findings = examine(DOMAIN, texts_in_time())

    assert [one.verdict for one in findings] == [Verdict.UNKNOWN] * 3
    assert "did not answer in time" in str(findings[0].words)


@pytest.mark.django_db
def test_no_name_server_is_asked_with_a_transaction_open(settings):
    settings.PAYGATE_NAME_SERVER = "127.0.0.1:9"

    with transaction.atomic(), pytest.raises(CallInsideTransaction):
        texts_in_time()(DOMAIN)


def test_a_name_server_that_is_not_there_is_no_answer(settings, monkeypatch):
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    settings.PAYGATE_NAME_SERVER = "127.0.0.1:9"

    with pytest.raises(NoAnswer):
        texts_in_time()(DOMAIN)


@pytest.mark.parametrize(("domain", "here"), [("paygate.localhost", True), ("a.test", True), (DOMAIN, False)])
def test_names_that_no_dns_knows(domain, here):
    assert stays_here(domain) == here
