"""How a log line looks, and the net that catches what must never stand in one (safety.md section 19).

Lines are JSON with named fields; a field that is not in `ALLOWED` is dropped (LG-1). The net is no permission: code
does not log card data in the first place.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "timestamp", "level", "logger", "event", "exception", "method", "route", "status", "ms", "job", "tries",
        "state", "mail", "offer", "attempt", "entry", "movement", "period", "terminal", "merchant", "cause", "count",
        "worker", "checkpoint", "kind", "lease_seconds", "authentication", "why",
    }
)  # fmt: skip

_DIGIT_RUN = re.compile(r"\d(?:[ \-._/]?\d){12,18}")
_SECRETS = re.compile(
    r"(?i)\b(cvc|cvv|cvc2|code|authorization|cookie|set-cookie|password|token|secret|key|authenticationvalue|packet)"
    r"(\"?\s*[:=]\s*\"?)([^\s\",;&]+)"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


def cleaned(text: str) -> str:
    """The text without card numbers that pass the Luhn test, and without named secrets (LG-2)."""
    text = _DIGIT_RUN.sub(lambda run: "[card]" if _passes_luhn(run.group()) else run.group(), text)
    text = _SECRETS.sub(lambda match: f"{match.group(1)}{match.group(2)}[hidden]", text)
    return _CONTROL.sub(" ", text)


def _passes_luhn(text: str) -> bool:
    digits = [int(character) for character in text if character.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _only_allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in line.items() if name in ALLOWED or name.startswith("_")}


def _without_paths(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django's own lines name the path, and a path may be a link (safety.md LG-3)."""
    if str(line.get("logger", "")).startswith("django."):
        line["event"] = "request failed" if line.get("level") == "error" else "request refused"
    return line


def _clean(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: cleaned(value) if isinstance(value, str) else value for name, value in line.items()}


def logging_config() -> dict[str, Any]:
    """Django's LOGGING setting: every logger, ours and others', writes through the same net."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            _only_allowed,
            _without_paths,
            _clean,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}},
        "root": {"handlers": ["lines"], "level": logging.INFO},
        "loggers": {
            # Django's own request line holds the path, which may hold a link; RequestLog writes ours instead.
            "django.request": {"level": logging.ERROR},
            "django.security.csrf": {"level": logging.ERROR},
            "procrastinate": {"level": logging.WARNING},
            "axes": {"level": logging.ERROR},
        },
    }
