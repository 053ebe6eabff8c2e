"""A file that is not taken, in one sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from paygate.refusals import Kind, Refusal
from paygate.uploads.tables import LONGEST_CELL, cell_name


class UploadRefused(Refusal):
    """Nothing was created and nothing of the file was kept. The words never repeat a cell."""

    code = "UPLOAD_REFUSED"
    kind = Kind.INVALID

    def __init__(self, words: str | Promise, *, field: str = "file") -> None:
        super().__init__(words, field=field)


def damaged() -> UploadRefused:
    """The file breaks off, or is not what it says it is."""
    return UploadRefused(_("The file is damaged. Open it in your spreadsheet program and save it again."))


def too_much() -> UploadRefused:
    """A small file that would become a huge one."""
    return UploadRefused(
        _("The file unpacks to more than a workbook of this size can hold. It was not opened.")
    )


def too_many_rows(most: int) -> UploadRefused:
    """One row too many."""
    words = _("The file has more than %(count)s rows. Split it into several files.")
    return UploadRefused(words % {"count": _counted(most)})


def too_many_columns(most: int) -> UploadRefused:
    """One column too many."""
    return UploadRefused(_("The file has more than %(count)s columns.") % {"count": most})


def too_long(column: int, row: int) -> UploadRefused:
    """A cell with more text than spreadsheet programs take."""
    words = _("Cell %(cell)s holds more than %(count)s characters. Shorten it and upload the file again.")
    return UploadRefused(words % {"cell": cell_name(column, row), "count": _counted(LONGEST_CELL)})


def too_long_text() -> UploadRefused:
    """The same, where it is not known yet which cell holds it."""
    words = _("A cell holds more than %(count)s characters. Shorten it and upload the file again.")
    return UploadRefused(words % {"count": _counted(LONGEST_CELL)})


def _counted(number: int) -> str:
    return f"{number:,}".replace(",", "’")


def at_cell(column: int, row: int, words: str) -> UploadRefused:
    """About one cell, which is named as spreadsheet programs name it: column counted from 0, row from 1."""
    return UploadRefused(words % {"cell": cell_name(column, row)})
