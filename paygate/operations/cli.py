"""`paygate`: the command line: which commands there are, and what each is told."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import django
from django.core.exceptions import ImproperlyConfigured

from paygate.operations import commands


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; its exit code says how it went (0 done, 1 refused or not clean, 2 could not be run)."""
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        parser.print_help()
        sys.exit(2)
    options = parser.parse_args(given)
    if options.run is commands.simulator:
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
    known = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
        made = known.add_parser(name, help=says, description=says)
        made.set_defaults(run=run)
        return made

    serve = command(
        "serve",
        commands.serve,
        "Web and jobs in one: brings the database up to date and serves until stopped.",
    )
    serve.add_argument(
        "--demo", action="store_true", help="also create the demo merchant and print where it is"
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    web = command("web", commands.web, "The web server alone.")
    web.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    command("worker", commands.worker, "The job process alone.")
    command("migrate", commands.migrate, "Bring the database schema up to date.")
    command("demo", commands.demo, "Create the demo merchant, or what is missing of it, and write demo.json.")
    account = command(
        "open-account", commands.open_account, "Set up a merchant with a terminal and its owner."
    )
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
        commands.agree_contract,
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
    close = command("close-batch", commands.close_batch, "Close the open booking period of a terminal now.")
    close.add_argument("--customer-id", required=True, help="customer number")
    close.add_argument("--terminal", required=True, help="number of the terminal")
    command(
        "rotate-vault-key",
        commands.rotate_vault_key,
        "Give the vault a new key and seal every stored card anew with it; old keys are destroyed. What an earlier call"
        " or the yearly job left undone is finished first, so it may be stopped at any time and called again.",
    )
    for name, run, says in (
        (
            "repair",
            commands.repair,
            "Ask about everything unanswered that is due, once; 0 only if nothing failed.",
        ),
        (
            "outbox",
            commands.outbox,
            "Deliver every letter and call that is due, once; 0 only if nothing failed.",
        ),
    ):
        command(name, run, says).add_argument("--once", action="store_true", required=True)
    bounce = command(
        "bounce",
        commands.bounce,
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
        "check",
        commands.check,
        "Is this installation fit for production, and what is missing? 0 only if nothing is.",
    )
    judged = command(
        "invariants",
        commands.invariants,
        "Do the books hold together, here and at the simulated acquirer? 0 only if they do, 2 if nobody knows.",
    )
    judged.add_argument("--json", action="store_true", help="a list of objects instead of lines")
    scan = command(
        "scan-cards",
        commands.scan_cards,
        "Search files and folders for card numbers. 0 only if none is found.",
    )
    scan.add_argument("paths", nargs="+", metavar="PATH")
    scan.add_argument("--numbers", metavar="FILE", help="also search for these numbers and codes, one a line")
    command(
        "verify-audit",
        commands.verify_audit,
        "Is the audit log of every merchant whole? Names the first break of each; 0 only if there is none.",
    )
    simulator = command(
        "simulator",
        commands.simulator,
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
