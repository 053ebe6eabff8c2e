"""Is this installation fit for production, and what is missing?"""

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from paygate.acquiring.models import Contract
from paygate.alarms.models import Alarm
from paygate.alarms.raising import operators_alarms
from paygate.mail.virus_scanner import NotScanned, scan
from paygate.methods import METHODS
from paygate.operations.models import Violation
from paygate.operations.watch import CLOCKS_APART, seconds_apart
from paygate.tenants.context import across_tenants
from paygate.tenants.models import Merchant
from paygate.tenants.rights import may_change_schema

COMPILE: Final = "pybabel compile --directory paygate/locale --domain django"


def findings() -> list[str]:
    """One sentence for each thing that must be mended before real money moves here."""
    return [
        *_settings(),
        *_files(),
        *_languages(),
        *_scanner(),
        *_merchants(),
        *_batches(),
        *_violations(),
        *_clocks(),
        *_rights(),
        *_alarms(),
    ]


def _settings() -> Iterator[str]:
    if settings.PAYGATE_ENV != "production":
        yield "PAYGATE_ENV is not production: this is a demo."
    if urlsplit(settings.PAYGATE_PUBLIC_URL).scheme != "https":
        yield "PAYGATE_PUBLIC_URL is not https: buyers' cards would travel in clear."
    if not settings.EMAIL_URL:
        yield "EMAIL_URL is not set: letters are kept, not sent."
    if not settings.PAYGATE_ALARM_EMAIL:
        yield "PAYGATE_ALARM_EMAIL is not set: nobody is told of alarms by mail."
    if settings.PAYGATE_LIMITS != "strict":
        yield "PAYGATE_LIMITS is relaxed: cards could be tried out here."
    if settings.PAYGATE_SIMULATOR:
        yield "The simulator is on: payments are pretended."
    if settings.PAYGATE_CLOCK_OFFSET:
        yield "PAYGATE_CLOCK_OFFSET shifts the clock."


def _files() -> Iterator[str]:
    mode = stat.S_IMODE(os.stat(settings.PAYGATE_DATA).st_mode)
    if mode & 0o077:
        yield f"{settings.PAYGATE_DATA} can be read by others on this machine (mode {mode:o})."


def untranslated() -> list[str]:
    """The languages that would silently be English, because their catalogue was never compiled."""
    folder = settings.LOCALE_PATHS[0]
    sources = sorted(folder.glob("*/LC_MESSAGES/django.po"))
    return [source.parts[-3] for source in sources if not source.with_suffix(".mo").exists()]


def _languages() -> Iterator[str]:
    if missing := untranslated():
        yield f"The translations are not compiled ({', '.join(missing)}): {COMPILE} does it."


def _scanner() -> Iterator[str]:
    try:
        scan(b"Is anybody there?")
    except NotScanned as trouble:
        yield f"The virus scanner does not answer ({trouble}): no file can be attached."


def _merchants() -> Iterator[str]:
    live = Merchant.objects.filter(live=True)
    if not live.exists():
        yield "No merchant is live."
    with across_tenants():
        pretended = Contract.objects.filter(merchant__live=True, connector="simulator").count()
    if pretended:
        yield f"{pretended} contracts of live merchants lead to the simulator."


def _batches() -> Iterator[str]:
    """A terminal's batch goes to one acquirer (docs/decisions/0009)."""
    with across_tenants():
        parties: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for contract in Contract.objects.filter(active=True).select_related("terminal"):
            if METHODS[contract.method].in_batch:
                parties[contract.terminal.number].add((contract.connector, contract.acquirer_merchant_id))
    for number, acquirers in parties.items():
        if len(acquirers) > 1:
            yield f"Terminal {number} has batch methods with {len(acquirers)} acquirers; its batch goes to one."


def _violations() -> Iterator[str]:
    """Something is on a page that does not belong there, or a policy is wrong (safety.md PP-2)."""
    for one in Violation.objects.all()[:10]:
        yield f"Browsers reported {one.count} times that {one.directive} was broken on {one.page}: {one.blocked}."


def _rights() -> Iterator[str]:
    """safety.md SE-4."""
    if settings.ON_POSTGRESQL and may_change_schema():
        yield (
            "The database user may change the schema, and so take down the walls between merchants: let"
            " `paygate migrate` run as the owner, and web and jobs as users named in PAYGATE_DATABASE_ROLES."
        )


def _clocks() -> Iterator[str]:
    """Host and database must agree to 2 seconds (safety.md TM-3)."""
    apart = seconds_apart()
    if apart > CLOCKS_APART:
        yield f"The clocks of this machine and of the database are {apart:.0f} s apart."


def _alarms() -> Iterator[str]:
    for alarm in operators_alarms():
        yield f"An alarm is open since {alarm.since:%Y-%m-%d %H:%M} UTC: {alarm} ({alarm.detail})"
    with across_tenants():
        for one in Alarm.objects.filter(cleared_at=None).select_related("merchant"):
            yield f"Merchant {one.merchant.customer_id} has an alarm since {one.since:%Y-%m-%d %H:%M} UTC: {one}"
