"""The settings of Secure PayGate as a manager fills them in."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import Person
from tests.mail.pdfs import pdf

PAGE = "/backoffice/settings/secure-paygate/"


def filled_settings(**changed: Any) -> dict[str, Any]:
    """All that must be there but terms; None leaves a field out."""
    fields: dict[str, Any] = {
        "notify_emails": "reception@alpenblick.example",
        "booking": "FINAL",
        "language": "en",
        "max_attempts": "5",
        "pages": "standard",
        "success_url": "",
        "failure_url": "",
        "abort_url": "",
        "notify_url": "",
        "sender_local": "reception",
        "reply_to": "office@alpenblick.example",
        "archive_email": "",
        "website": "",
        "address": "",
        "terms_language": "en",
        "button": "save",
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


def terms_file(name: str = "Terms.pdf", content: bytes = pdf()) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def save(person: Person, **changed: Any) -> Any:
    """Fill in the page and press Save, having just signed in."""
    return person.confirmed_browser().post(f"{PAGE}change", filled_settings(**changed))
