"""Client certificates as keys of programs (behaviour.md A-4, A-8): told by their fingerprint."""

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext_lazy as _

from paygate.refusals import Refusal


class WrongCertificate(Refusal):
    """No certificate, or one that is not good now."""

    code = "CERTIFICATE_INVALID"

    def __init__(self) -> None:
        super().__init__(
            _("This is no certificate that is valid now. Paste it as PEM, without its private key."),
            field="certificate",
        )


def fingerprint(pem: str, *, now: datetime) -> str:
    """SHA-256 of the certificate, in hexadecimal. Raises `WrongCertificate`, also before and after its time."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.strip().encode())
    except ValueError as error:
        raise WrongCertificate from error
    if "PRIVATE KEY" in pem or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise WrongCertificate
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
