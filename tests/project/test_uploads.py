"""Nobody fills our disk with a file (safety.md UP-3)."""

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import RequestFactory

from paygate.project.uploads import MOST_BYTES

MEGABYTE = 1024 * 1024


def arrived(*sizes: int) -> list[int]:
    """How much is kept of files of these sizes."""
    files = {f"file{number}": SimpleUploadedFile("a.pdf", b"x" * size) for number, size in enumerate(sizes)}
    request = RequestFactory().post("/backoffice/", {"language": "de", **files})
    assert request.POST["language"] == "de"
    kept = []
    for name in files:
        upload = request.FILES[name]
        assert isinstance(upload, UploadedFile)
        kept.append(len(upload.read()))
    return kept


def test_what_a_letter_can_carry_arrives_whole():
    assert arrived(3, 5 * MEGABYTE) == [3, 5 * MEGABYTE]


def test_what_is_more_is_thrown_away_and_still_seen_to_be_too_much():
    (kept,) = arrived(20 * MEGABYTE)
    assert MOST_BYTES < kept < MOST_BYTES + MEGABYTE

    first, second = arrived(4 * MEGABYTE, 20 * MEGABYTE)
    assert first == 4 * MEGABYTE
    assert MOST_BYTES < first + second < MOST_BYTES + MEGABYTE
