"""Moments as people read them, in the merchant's zone (look.md: short in lists, whole with zone in details)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from django.utils.translation import gettext as _

from paygate.languages import DATE_LOCALES, ui_language


def short_time(moment: datetime, *, now: datetime, zone: ZoneInfo, language: str) -> str:
    """ "today 14:05", "12 Mar", or with the year when it is another."""
    local, today, locale = moment.astimezone(zone), now.astimezone(zone).date(), _locale(language)
    clock = format_time(local, "HH:mm", tzinfo=zone, locale=locale)
    if local.date() == today:
        return _("today %(time)s") % {"time": clock}
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": clock}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": clock}
    if local.year == today.year:
        return format_skeleton("MMMd", local.date(), locale=locale)
    return format_date(local.date(), "medium", locale=locale)


def day(date: date, language: str | None) -> str:
    """ "12 Mar 2025"."""
    return format_skeleton("yMMMd", date, locale=_locale(language))


def full_time(moment: datetime, *, zone: ZoneInfo, language: str) -> str:
    """ "12 March 2026, 14:05:09 CET"."""
    local, locale = moment.astimezone(zone), _locale(language)
    day = format_date(local.date(), "long", locale=locale)
    clock = format_time(local, "HH:mm:ss", tzinfo=zone, locale=locale)
    return f"{day}, {clock} {local.tzname()}"


def zone_name(moment: datetime, language: str) -> str:
    """The name of the zone of `moment` as people say it: "Central European Summer Time"."""
    return get_timezone_name(moment, locale=_locale(language))


def _locale(language: str | None) -> str:
    return DATE_LOCALES[ui_language(language)]
