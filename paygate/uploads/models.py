"""An upload, its rows, the pieces of a file that are still to be checked, and columns mapped by hand."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from paygate.lifecycle.moves import in_states
from paygate.merchants.models import Terminal
from paygate.tenants.owned import TenantOwned
from paygate.tokens import link_id
from paygate.uploads.states import UploadState


class Upload(TenantOwned):
    """One file for one terminal. The same file again is this one again (safety.md ID-5)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=UploadState, default=UploadState.READ)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)  # of the file, in hexadecimal
    kind = models.CharField(max_length=4)  # CSV or XLSX
    encoding = models.CharField(max_length=20, blank=True)  # of a CSV file, as it was recognised
    separator = models.CharField(max_length=20, blank=True)
    names = models.JSONField(default=list)  # of the columns, as the file writes them
    keys = models.JSONField(
        default=list
    )  # for each column: which of ours; "": left aside; None: not known yet
    rows = models.PositiveIntegerField()
    checked = models.PositiveIntegerField(default=0)  # rows so far
    created = models.PositiveIntegerField(default=0)  # offers so far
    wanted = models.PositiveIntegerField(default=0)  # offers, once all that was confirmed is created
    worked_to = models.PositiveIntegerField(
        default=0
    )  # the number of the last row that was looked at to be created
    begun_at = models.DateTimeField(null=True)  # the creation; what was there before is `begun_with`
    begun_with = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    letters_paused_at = models.DateTimeField(null=True)
    letters_due_at = models.DateTimeField(null=True)  # when the next letters go out; None: none are left
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=60)
    confirmed_by = models.CharField(max_length=60, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["merchant", "-uploaded_at", "-id"], name="uploads_newest_first")]
        constraints = [
            in_states(UploadState, "upload_state_known"),
            models.UniqueConstraint(fields=["merchant", "terminal", "sha256"], name="one_upload_per_file"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} {self.state}"


class UploadPart(TenantOwned):
    """Some rows of a file that wait to be checked, compressed. Gone once they are rows."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta(TenantOwned.Meta):
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "upload", "number"], name="one_part_per_number")
        ]

    def __str__(self) -> str:
        return f"part {self.number}"


class UploadRow(TenantOwned):
    """One row of a file: its cells as they are now, and what the check found.

    It is created once there is an offer under its `offer_key`; the database lets there be one (safety.md ID-5).
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()  # in the file, as a spreadsheet program counts
    cells = models.JSONField()
    wrong = models.BooleanField()  # something is to be mended; what it is, the cells say
    repeats = models.BooleanField(default=False)  # its reference is that of another row or offer
    reference = models.CharField(max_length=80, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    offer_key = models.UUIDField(
        default=link_id, editable=False
    )  # the id of its offer, drawn before there is one
    sends = models.BooleanField(default=False)  # the link goes to the buyer by e-mail
    letter_waits = models.BooleanField(default=False)  # it is created, and its letter has not been queued

    class Meta(TenantOwned.Meta):
        ordering = ["number"]
        indexes = [
            models.Index(fields=["upload", "number"], condition=Q(wrong=True), name="upload_rows_wrong"),
            models.Index(
                fields=["upload", "number"], condition=Q(repeats=True), name="upload_rows_repeating"
            ),
            models.Index(
                fields=["upload", "number"], condition=Q(letter_waits=True), name="upload_rows_with_letters"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "upload", "number"], name="one_row_per_number"),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"


class ColumnName(TenantOwned):
    """What a column of this name is at this merchant, since somebody said so."""

    name = models.CharField(max_length=100)  # as columns.py compares names
    key = models.CharField(max_length=40, blank=True)  # empty: left aside

    class Meta(TenantOwned.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="one_meaning_per_column")]

    def __str__(self) -> str:
        return f"{self.name}: {self.key}"
