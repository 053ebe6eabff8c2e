"""Client certificates instead of passwords, behind a proxy that has verified them (behaviour.md A-4, A-8)."""

import json
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from paygate import clock
from paygate.credentials.certificates import WrongCertificate
from paygate.credentials.models import Credential
from tests.api.program import Program, program_of
from tests.api.test_callers import INQUIRE, NOTHING
from tests.backoffice.reading import error_at, words

HEADER = "X-Client-Certificate"
NEW = "/backoffice/settings/credentials/new/"


def certificate(*, until: datetime | None = None) -> str:
    """A certificate as PEM, made a day ago."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=shop")
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(until or now + timedelta(days=90))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


@pytest.fixture(autouse=True)
def behind_a_proxy(settings):
    settings.PAYGATE_CLIENT_CERTIFICATE_HEADER = HEADER


def ask(program: Program, pem: str, **more: str) -> int:
    told = {"HTTP_AUTHORIZATION": "", "HTTP_X_CLIENT_CERTIFICATE": quote(pem), **more}
    return program.send(INQUIRE, json.dumps({**program.header(), **NOTHING}), **told).status


def test_a_certificate_signs_its_program_in(alpenblick):
    pem = certificate()
    program = program_of(alpenblick.merchant, certificate=pem)

    assert ask(program, pem) == 402
    assert ask(program, certificate()) == 401
    assert program.call(INQUIRE, NOTHING).status == 402


def test_never_both_and_never_a_stale_one(alpenblick):
    """behaviour.md A-4: 403 before anything else."""
    pem = certificate()
    program = program_of(alpenblick.merchant, certificate=pem)

    assert ask(program, pem, HTTP_AUTHORIZATION=program.authorization) == 403
    assert ask(program, certificate(until=clock.now() - timedelta(hours=1))) == 403
    assert ask(program, "nonsense") == 403


def test_without_the_setting_nobody_believes_the_header(alpenblick, settings):
    pem = certificate()
    program = program_of(alpenblick.merchant, certificate=pem)
    settings.PAYGATE_CLIENT_CERTIFICATE_HEADER = ""

    assert ask(program, pem) == 401


def test_one_certificate_is_one_credential(alpenblick, carla):
    """Two merchants who name the same one are both refused: nobody knows whom it stands for."""
    pem = certificate()
    program = program_of(alpenblick.merchant, certificate=pem)
    with pytest.raises(WrongCertificate):
        program_of(alpenblick.merchant, certificate=pem)
    program_of(carla.merchant, certificate=pem)

    assert ask(program, pem) == 401


def test_it_is_pasted_where_the_credential_is_made(anna):
    browser, pem = anna.confirmed_browser(), certificate()

    assert error_at(browser.post(NEW, {"description": "Shop", "certificate": "x"}), "certificate")
    made = browser.post(NEW, {"description": "Shop", "certificate": pem})

    assert "Copy the password now" in words(made)
    assert len(Credential.objects.get().certificate) == 64


def test_where_no_proxy_shows_one_it_is_not_asked_for(anna, settings):
    settings.PAYGATE_CLIENT_CERTIFICATE_HEADER = ""

    assert "Client certificate" not in words(anna.confirmed_browser().get(NEW))
