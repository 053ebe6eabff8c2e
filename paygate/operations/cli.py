"""`paygate`: the command line. Each command is a few lines; what it does stands in its room."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import django
from django.core.exceptions import ImproperlyConfigured


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; its exit code says how it went (0 done, 1 refused or not clean, 2 could not be run)."""
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        parser.print_help()
        sys.exit(2)
    options = parser.parse_args(given)
    if options.run is _simulator:
        os.environ["DJANGO_SETTINGS_MODULE"] = "paygate.project.simulator_settings"  # without our database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paygate.project.settings")
    try:
        django.setup()
    except ImproperlyConfigured as wrong:
        print(f"{wrong}.", file=sys.stderr)
        sys.exit(2)
    run: Callable[[argparse.Namespace], int] = options.run
    sys.exit(run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="paygate", description="Payment links, paid safely online.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=says)
        made.set_defaults(run=run)
        return made

    serve = command(
        "serve", _serve, "Web and jobs in one: brings the database up to date and serves until stopped."
    )
    serve.add_argument(
        "--demo", action="store_true", help="also create the demo merchant and print where it is"
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    web = command("web", _web, "The web server alone.")
    web.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    command("worker", _worker, "The job process alone.")
    command("migrate", _migrate, "Bring the database schema up to date.")
    command("demo", _demo, "Create the demo merchant, or what is missing of it, and write demo.json.")
    account = command("open-account", _open_account, "Set up a merchant with a terminal and its owner.")
    for name, says in (
        ("customer-id", "customer number"),
        ("name", "name shown to payers"),
        ("email", "the owner's mail address; the password is read from standard input"),
        ("owner", "the owner's name"),
        ("terminal", "number of the first terminal"),
    ):
        account.add_argument(f"--{name}", required=True, help=says)
    account.add_argument("--address", default="", help="postal address, on one line, for letters to buyers")
    account.add_argument("--live", action="store_true", help="real money (default: test)")
    contract = command(
        "agree-contract",
        _agree_contract,
        "Let a terminal take a method, as agreed with an acquirer; again: new terms.",
    )
    for name, says in (
        ("customer-id", "customer number"),
        ("terminal", "number of the terminal"),
        ("method", "VISA, MASTERCARD, TWINT ..."),
        ("currencies", "CHF,EUR"),
        ("connector", "which acquirer; the simulator for a test merchant"),
        ("acquirer-merchant-id", "the acquirer's number for the merchant"),
    ):
        contract.add_argument(f"--{name}", required=True, help=says)
    contract.add_argument("--acquirer-bin", default="", help="the acquirer's number, for 3-D Secure")
    close = command("close-batch", _close_batch, "Close the open booking period of a terminal now.")
    close.add_argument("--customer-id", required=True, help="customer number")
    close.add_argument("--terminal", required=True, help="number of the terminal")
    command(
        "rotate-vault-key",
        _rotate_vault_key,
        "Give the vault a new key and seal every stored card anew with it; old keys are destroyed. What an earlier call"
        " or the yearly job left undone is finished first, so it may be stopped at any time and called again.",
    )
    for name, run, says in (
        ("repair", _repair, "Ask about everything unanswered that is due, once; 0 only if nothing failed."),
        ("outbox", _outbox, "Deliver every letter and call that is due, once; 0 only if nothing failed."),
    ):
        command(name, run, says).add_argument("--once", action="store_true", required=True)
    bounce = command(
        "bounce",
        _bounce,
        "Read a returned message on standard input, as a mail server pipes it. Says nothing, and ends with 0 whatever"
        " it was (75: the database is away, try again), so that nobody learns from it which letters there are.",
    )
    bounce.add_argument(
        "delivered_to",
        nargs="?",
        default="",
        metavar="ADDRESS",
        help="whom the message was for, if it is known",
    )
    command(
        "check", _check, "Is this installation fit for production, and what is missing? 0 only if nothing is."
    )
    judged = command(
        "invariants",
        _invariants,
        "Do the books hold together, here and at the simulated acquirer? 0 only if they do, 2 if nobody knows.",
    )
    judged.add_argument("--json", action="store_true", help="a list of objects instead of lines")
    scan = command(
        "scan-cards", _scan_cards, "Search files and folders for card numbers. 0 only if none is found."
    )
    scan.add_argument("paths", nargs="+", metavar="PATH")
    scan.add_argument("--numbers", metavar="FILE", help="also search for these numbers and codes, one a line")
    command(
        "verify-audit",
        _verify_audit,
        "Is the audit log of every merchant whole? Names the first break of each; 0 only if there is none.",
    )
    simulator = command(
        "simulator",
        _simulator,
        "Pretended acquirer, 3-D Secure, bank and wallets as a process of their own, which needs no database. Point the"
        " product at it with PAYGATE_SIMULATOR_URL. Control on the same port: POST /simulator/faults, GET"
        " /simulator/ledger, POST /simulator/reset (docs/howto/use-the-simulator.md). Ends with 0 on SIGTERM, 1 if the"
        " port is taken. Test equipment: refused in production.",
    )
    simulator.add_argument(
        "--port", type=int, required=True, help="port to listen on; 0 for any that is free"
    )
    simulator.add_argument(
        "--ledger", metavar="FILE", required=True, help="the file of its ledger, made if it is not there"
    )
    simulator.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    return parser


def _serve(options: argparse.Namespace) -> int:
    from paygate.operations.serve import serve

    return serve(host=options.host, demo=options.demo)


def _web(options: argparse.Namespace) -> int:
    from paygate.operations.serve import web_command

    if not _vault_opens():
        return 1
    command = web_command(options.host)
    os.execv(command[0], command)


def _worker(options: argparse.Namespace) -> int:
    from paygate.jobs.worker import run_worker

    if not _vault_opens():
        return 1
    run_worker()
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from paygate.operations.serve import prepare

    prepare()
    print("The database is up to date.")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from django.conf import settings

    from paygate import clock
    from paygate.operations.demo import make_demo

    if settings.PAYGATE_ENV == "production":
        print("There is no demo in production.", file=sys.stderr)
        return 1
    make_demo(now=clock.now())
    print(settings.PAYGATE_DATA / "demo.json")
    return 0


def _open_account(options: argparse.Namespace) -> int:
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


def _agree_contract(options: argparse.Namespace) -> int:
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


def _close_batch(options: argparse.Namespace) -> int:
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


def _rotate_vault_key(options: argparse.Namespace) -> int:
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


def _repair(options: argparse.Namespace) -> int:
    from paygate.operations.repair import repair

    return _told(repair())


def _outbox(options: argparse.Namespace) -> int:
    from paygate.operations.repair import outbox

    return _told(outbox())


def _bounce(options: argparse.Namespace) -> int:
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


def _check(options: argparse.Namespace) -> int:
    from paygate.operations.check import findings

    found = findings()
    for finding in found:
        print(finding)
    print("Fit for production." if not found else f"{len(found)} to mend.")
    return 1 if found else 0


def _invariants(options: argparse.Namespace) -> int:
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


def _verify_audit(options: argparse.Namespace) -> int:
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


def _scan_cards(options: argparse.Namespace) -> int:
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


def _simulator(options: argparse.Namespace) -> int:
    from paygate.operations.simulator.process import run

    return run(host=options.host, port=options.port, ledger=options.ledger)
