"""The rows that a run ends with: printed as one table, and kept as JSON for programs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of ours beside its yardstick."""

    name: str
    ours: float
    yardstick: float | None
    ratio: float | None
    goal: str
    met: bool | None  # None: there is no goal, the figure is only reported


def at_least(name: str, ours: float, yardstick: float, share: float) -> Row:
    """Ours has to reach this share of the yardstick."""
    return Row(name, ours, yardstick, ours / yardstick, f"at least {share:g}", ours / yardstick >= share)


def at_most(name: str, ours: float, yardstick: float, times: float) -> Row:
    """Ours may be so many times the yardstick."""
    return Row(name, ours, yardstick, ours / yardstick, f"at most {times:g}", ours / yardstick <= times)


def beside(name: str, ours: float, yardstick: float) -> Row:
    """Both figures, and no goal for them."""
    return Row(name, ours, yardstick, ours / yardstick, "", None)


def counted(name: str, ours: int, most: int) -> Row:
    """A number that no machine changes, with its goal."""
    return Row(name, ours, None, None, f"at most {most}", ours <= most)


def reported(name: str, ours: float) -> Row:
    """A figure without a goal."""
    return Row(name, ours, None, None, "", None)


def printed(rows: list[Row]) -> str:
    """What a person reads."""
    head = ("what", "ours", "yardstick", "ratio", "goal", "met")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 4, 5) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def kept(rows: list[Row], path: Path) -> None:
    """What a program reads."""
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return (row.name, _figure(row.ours), _figure(row.yardstick), _figure(row.ratio), row.goal, met)


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"
