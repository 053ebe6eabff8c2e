"""The documentation names every column as the table has it (SPG-UPL-07)."""

from pathlib import Path

from paygate.languages import LANGUAGES
from paygate.uploads.columns import COLUMNS
from paygate.uploads.tables import MOST_BYTES, MOST_COLUMNS, MOST_ROWS

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "create-links-by-file.md"


def table() -> str:
    """The columns, as the page has them."""
    lines = [
        "| column | Deutsch | Français | Italiano | what it holds | example |",
        "|---|---|---|---|---|---|",
    ]
    for column in COLUMNS:
        names = [column.header(language) for language in LANGUAGES]
        example = f"`{column.example}`" if column.example else ""
        lines.append(f"| {' | '.join(names)} | {column.what} | {example} |")
    return "\n".join(lines)


def test_the_page_has_the_table():
    assert table() in PAGE.read_text(), f"put this into {PAGE.name}:\n{table()}"


def test_the_page_has_the_limits():
    text = PAGE.read_text()

    for limit in (f"{MOST_ROWS:,}", f"{MOST_BYTES // 1024**2} MB", f"{MOST_COLUMNS} columns"):
        assert limit in text
