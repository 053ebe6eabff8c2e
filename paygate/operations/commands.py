"""The commands of `paygate`: each a few lines, with its exit code; what it does stands in its room.

Each imports what it needs when it is called: only then it is known which settings it runs with.
"""

import argparse
import os
import sys


def serve(options: argparse.Namespace) -> int:
    """Until it is told to stop."""
    from paygate.operations import serve as serving

    return serving.serve(host=options.host, demo=options.demo)


def web(options: argparse.Namespace) -> int:
    """The web server takes the place of this process."""
    from paygate.operations.serve import web_command

    if not _vault_opens():
        return 1
    command = web_command(options.host)
    os.execv(command[0], command)


def worker(options: argparse.Namespace) -> int:
    """Until it is told to stop."""
    from paygate.jobs.worker import run_worker

    if not _vault_opens():
        return 1
    run_worker()
    return 0


def migrate(options: argparse.Namespace) -> int:
    """The schema, and what stands beside it."""
    from paygate.operations.serve import prepare

    prepare()
    print("The database is up to date.")
    return 0


def demo(options: argparse.Namespace) -> int:
    """Refused in production."""
    from django.conf import settings

    from paygate import clock
    from paygate.operations.demo import make_demo

    if settings.PAYGATE_ENV == "production":
        print("There is no demo in production.", file=sys.stderr)
        return 1
    make_demo(now=clock.now())
    print(settings.PAYGATE_DATA / "demo.json")
    return 0


def open_account(options: argparse.Namespace) -> int:
    """The owner's password is read from standard input."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from paygate import clock
    from paygate.accounts.models import User
    from paygate.merchants.open_account import Opening, open_account
    from paygate.refusals import Refusal
    from paygate.tenants.models import Merchant

    password = sys.stdin.readline().rstrip("\n")
    try:
        home = Merchant(name=options.name)
        validate_password(password, User(email=options.email, name=options.owner, home=home))
        merchant = open_account(
            Opening(
                customer_id=options.customer_id,
                name=options.name,
                owner_email=options.email,
                owner_name=options.owner,
                owner_password=password,
                terminal_number=options.terminal,
                address=options.address,
                live=options.live,
            ),
            now=clock.now(),
        )
    except ValidationError as error:
        print(" ".join(error.messages), file=sys.stderr)
        return 1
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"Customer {merchant.customer_id} is set up.")
    return 0


def agree_contract(options: argparse.Namespace) -> int:
    """For one terminal and one method."""
    from paygate.acquiring.agree import Agreement, agree
    from paygate.merchants.reach import system
    from paygate.refusals import NotFound, Refusal
    from paygate.tenants.context import within
    from paygate.tenants.models import Merchant

    agreement = Agreement(
        method=options.method,
        currencies=[code.strip() for code in options.currencies.split(",")],
        connector=options.connector,
        acquirer_merchant_id=options.acquirer_merchant_id,
        acquirer_bin=options.acquirer_bin,
    )
    merchant = Merchant.objects.filter(customer_id=options.customer_id).first()
    if merchant is None:
        print("There is no such customer.", file=sys.stderr)
        return 1
    with within(merchant.pk):
        try:
            contract = agree(system(merchant.pk).terminal(options.terminal), agreement)
        except NotFound:
            print("There is no such terminal.", file=sys.stderr)
            return 1
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            return 1
    print(f"Terminal {options.terminal} takes {contract}.")
    return 0


def close_batch(options: argparse.Namespace) -> int:
    """1 when the acquirer has not taken it."""
    from paygate import clock
    from paygate.journal.batch_close import close_batch
    from paygate.merchants.reach import system
    from paygate.refusals import Refusal
    from paygate.tenants.context import within
    from paygate.tenants.models import Merchant

    merchant = Merchant.objects.filter(customer_id=options.customer_id).first()
    if merchant is None:
        print("There is no such customer.", file=sys.stderr)
        return 1
    with within(merchant.pk):
        actor = system(merchant.pk)
        try:
            period = close_batch(actor.terminal(options.terminal), by=actor, now=clock.now())
        except Refusal:
            print("There is no such terminal.", file=sys.stderr)
            return 1
    print(
        f"Period {period.number}: {period.state}, {period.line_count} bookings."
        if period
        else "Nothing to close."
    )
    return 0 if period is None or period.state == "CLOSED" else 1


def rotate_vault_key(options: argparse.Namespace) -> int:
    """1 when something could not be sealed anew."""
    from paygate import clock
    from paygate.aliases import rotation

    if not _vault_opens():
        return 1
    rotation.begin(now=clock.now())
    for step in rotation.go_on(now=clock.now()):
        print(step, flush=True)
    left = rotation.is_under_way()
    print("Some cards could not be sealed anew; see the log." if left else f"Done: {rotation.progress()}.")
    return 1 if left else 0


def _vault_opens() -> bool:
    """Wrong, missing or swapped keys stop what would work with the vault (safety.md CD-6)."""
    from django.db import InterfaceError, OperationalError

    from paygate.aliases.keys import VaultClosed
    from paygate.aliases.rotation import refuse_wrong_keys

    try:
        refuse_wrong_keys()
    except (OperationalError, InterfaceError):
        return True  # the database is away, and the vault with it
    except VaultClosed as closed:
        print(f"{closed}.", file=sys.stderr)
        return False
    return True


def repair(options: argparse.Namespace) -> int:
    """Everything unanswered that is due."""
    from paygate.operations import repair as repairing

    return _told(repairing.repair())


def outbox(options: argparse.Namespace) -> int:
    """Every letter and call that is due."""
    from paygate.operations import repair as repairing

    return _told(repairing.outbox())


def bounce(options: argparse.Namespace) -> int:
    """Never tells whether there is such a letter."""
    from django.db import InterfaceError, OperationalError

    from paygate import clock
    from paygate.mail.outbox import MOST_BYTES
    from paygate.merchants.returned import take_returned

    message = sys.stdin.buffer.read(2 * MOST_BYTES)
    try:
        take_returned(message, delivered_to=options.delivered_to, now=clock.now())
    except (OperationalError, InterfaceError):
        return os.EX_TEMPFAIL
    return os.EX_OK


def _told(done: dict[str, int]) -> int:
    """What was done, a line each; 1 when something of it failed."""
    failed = done.pop("failed")
    for what, count in done.items():
        print(f"{what}: {count}")
    if failed:
        print(f"{failed} failed; see the log.", file=sys.stderr)
    return 1 if failed else 0


def check(options: argparse.Namespace) -> int:
    """One line for each thing that is missing."""
    from paygate.operations.check import findings

    found = findings()
    for finding in found:
        print(finding)
    print("Fit for production." if not found else f"{len(found)} to mend.")
    return 1 if found else 0


def invariants(options: argparse.Namespace) -> int:
    """2 when the simulator cannot be asked."""
    import json

    from paygate import clock
    from paygate.operations.invariants import evaluate
    from paygate.outbound import NoReply, NothingArrived

    try:
        results = evaluate(now=clock.now())
    except (NothingArrived, NoReply) as failure:
        print(f"The simulator's ledger cannot be read: {failure}.", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps([result.as_json for result in results], indent=1))
    else:
        for result in results:
            print(result.line, *(f"        {one.what}" for one in result.broken), sep="\n")
    return 0 if all(result.holds for result in results) else 1


def verify_audit(options: argparse.Namespace) -> int:
    """One line for each merchant."""
    from paygate import clock
    from paygate.audit.chain import breaks, end_of
    from paygate.tenants.context import within
    from paygate.tenants.models import Merchant

    broken = 0
    for merchant in Merchant.objects.order_by("pk"):
        with within(merchant.pk):
            first = next(breaks(merchant.pk, now=clock.now()), None)
            place, _hash = end_of(merchant.pk)
        print(f"{merchant.customer_id}: {first or f'whole, {place} lines'}")
        broken += first is not None
    return 1 if broken else 0


def scan_cards(options: argparse.Namespace) -> int:
    """2 when a file cannot be read."""
    from paygate.operations.scan_cards import scan

    try:
        found = list(scan(options.paths, numbers_file=options.numbers))
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for finding in found:
        print(finding)
    print(f"{len(found)} found.")
    return 1 if found else 0


def simulator(options: argparse.Namespace) -> int:
    """Until it is told to stop."""
    from paygate.operations.simulator.process import run

    return run(host=options.host, port=options.port, ledger=options.ledger)
