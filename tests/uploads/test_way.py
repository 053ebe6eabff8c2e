"""The whole way of a file in the room itself: read, checked, mended, confirmed, created, its letters sent."""

import pytest

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.jobs.interface import run_due
from paygate.lifecycle.moves import history
from paygate.mail.models import Mail
from paygate.offers.models import Offer
from paygate.uploads.confirm import confirm
from paygate.uploads.models import UploadPart, UploadRow
from tests.uploads.files import good, uploaded

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_becomes_offers_once_somebody_said_so(anna):
    """SPG-UPL-01: several links with one file; nothing exists before the confirmation."""
    upload = uploaded(anna.terminal, good(3), by=anna.actor)
    run_due()

    upload.refresh_from_db()
    assert (upload.state, upload.rows, upload.checked) == ("CHECKED", 3, 3)
    assert not Offer.objects.exists()
    assert not UploadPart.objects.exists()

    confirm(upload, whole=True, by=anna.actor, now=clock.now())
    run_due()

    upload.refresh_from_db()
    offers = list(Offer.objects.order_by("reference"))
    assert (upload.state, upload.created) == ("DONE", 3)
    assert [offer.reference for offer in offers] == ["R-000001", "R-000002", "R-000003"]
    assert {(offer.source, offer.created_by, offer.state) for offer in offers} == {
        ("UPLOAD", anna.actor.name, "OPEN")
    }
    assert [step.cause for step in history(offers[0])] == ["created"]
    assert {row.offer_key for row in UploadRow.objects.all()} == {offer.pk for offer in offers}
    assert not Mail.objects.exists()
    told = list(AuditLine.objects.order_by("pk").values_list("action", flat=True))
    assert told == ["file uploaded", "upload confirmed"]
