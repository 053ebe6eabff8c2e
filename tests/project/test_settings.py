"""What no setting may switch on, and what every installation has (safety.md LG-5, LK-3, house.md)."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

import paygate

PACKAGE = Path(paygate.__file__).parent


def asked(tmp_path: Path, *names: str, **environment: str) -> list[str]:
    """Settings as a process of its own has them."""
    program = f"from paygate.project import settings\nfor name in {names!r}: print(getattr(settings, name))"
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PAYGATE_", "DATABASE_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=clean
        | {"PAYGATE_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "paygate.project.settings"}
        | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_nothing_in_the_environment_switches_a_debug_mode_on(tmp_path):
    wishes = dict.fromkeys(["DEBUG", "DJANGO_DEBUG", "PAYGATE_DEBUG", "DJANGO_SETTINGS_DEBUG"], "1")

    assert asked(tmp_path, "DEBUG", **wishes) == ["False"]
    assert settings.DEBUG is False


def test_no_code_switches_a_debug_mode_on():
    """`DEBUG` is written once, as False; nothing asks for Django's or Jinja's debug output."""
    found = []
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
            if "DEBUG" in names:
                found.append((file.relative_to(PACKAGE).as_posix(), ast.unparse(node)))
            if isinstance(node, ast.keyword) and node.arg == "debug":
                found.append((file.relative_to(PACKAGE).as_posix(), ast.unparse(node)))

    assert found == [("project/settings.py", "DEBUG = False")]


def test_in_production_test_equipment_is_off_and_cookies_travel_by_https_only(tmp_path):
    from tests.project.test_environment import PRODUCTION

    names = (
        "PAYGATE_SIMULATOR",
        "PAYGATE_TEST_CARDS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "ALLOWED_HOSTS",
    )

    found = asked(tmp_path, *names, "SECURE_HSTS_SECONDS", **PRODUCTION)

    assert found == ["False", "False", "True", "True", "['pay.alpenblick.example']", "31536000"]


def test_requests_open_no_transaction_by_themselves():
    assert not connection.settings_dict["ATOMIC_REQUESTS"]


@pytest.mark.on_sqlite
@pytest.mark.django_db
def test_sqlite_keeps_a_write_ahead_log():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)


def test_only_one_file_reads_the_environment():
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                found.add(file.relative_to(PACKAGE).as_posix())

    assert found <= {"project/environment.py", "operations/cli.py"}  # which names our settings to Django
