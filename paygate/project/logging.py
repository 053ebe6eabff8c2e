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
        "worker", "checkpoint", "kind", "lease_seconds", "authentication", "why", "request",
    }
)  # fmt: skip

_DIGIT_RUN = re.compile(r"\d(?:[\W_]{0,3}\d){12,}")
_HEADERS = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)([\"']?\s*[:=]\s*)[^\r\n]+")
_SECRETS = re.compile(
    r"(?i)\b(code|[\w-]{0,40}(?:cvc2?|cvv2?|password|passwd|token|secret|key|authentication_?value|packet))"
    r"([\"']?\s*[:=]\s*)(\"[^\"]*\"?|'[^']*'?|[^\s\"',;&]+)"
)
_LOGIN_IN_ADDRESS = re.compile(r"://[^\s/@]+@")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def cleaned(text: str) -> str:
    """The text without card numbers that pass the Luhn test, and without named secrets (LG-2)."""
    text = _DIGIT_RUN.sub(lambda run: _without_cards(run.group()), text)
    text = _HEADERS.sub(r"\1\2[hidden]", text)
    text = _SECRETS.sub(r"\1\2[hidden]", text)
    text = _LOGIN_IN_ADDRESS.sub("://[hidden]@", text)
    return _CONTROL.sub(" ", text)


def _without_cards(run: str) -> str:
    """A run of digits without every stretch of it that may be a card number, whatever stands beside it."""
    places = [place for place, sign in enumerate(run) if sign.isdigit()]
    digits = [int(run[place]) for place in places]
    told, at = "", 0
    for first in range(len(digits)):
        if places[first] < at:
            continue
        for length in range(min(19, len(digits) - first), 12, -1):
            if _passes_luhn(digits[first : first + length]):
                told += run[at : places[first]] + "[card]"
                at = places[first + length - 1] + 1
                break
    return told + run[at:]


def _passes_luhn(digits: list[int]) -> bool:
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
    return {name: value if name.startswith("_") else _clean_value(value) for name, value in line.items()}


def _clean_value(value: object) -> object:
    """Text is cleaned; so is whatever would become text, and a number long enough to be a card's."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**12):
        return value
    return cleaned(str(value))


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
            "django.security": {"level": logging.CRITICAL},
            "procrastinate": {"level": logging.WARNING},
            "httpx2": {"level": logging.WARNING},  # its line holds the address, which may hold a token
            "axes": {"level": logging.ERROR},
        },
    }
