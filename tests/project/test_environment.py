"""What the installation is told, and what it refuses to be told (safety.md SE-1, SE-2, LK-3, LG-5)."""

import base64
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from paygate.project import environment
from paygate.project.environment import Environment, database

NAMES = (
    "PAYGATE_ENV", "PAYGATE_DATA", "PORT", "PAYGATE_PUBLIC_URL", "DATABASE_URL", "EMAIL_URL", "PAYGATE_MAIL_DOMAIN",
    "PAYGATE_SECRET_KEY", "PAYGATE_VAULT_KEYS", "PAYGATE_TRUSTED_PROXIES", "PAYGATE_LIMITS", "PAYGATE_CLOCK_OFFSET",
    "PAYGATE_CRASH_AT",
    "PAYGATE_SIMULATOR_URL", "PAYGATE_NAME_SERVER", "PAYGATE_DKIM_SELECTOR", "PAYGATE_OUTBOUND_ALLOW",
    "PAYGATE_DATABASE_ROLES",
    "PAYGATE_ALARM_EMAIL", "PAYGATE_VIRUS_SCANNER",
)  # fmt: skip
VAULT_KEYS = json.dumps({"k1": base64.b64encode(b"k" * 32).decode()})
PRODUCTION = {
    "PAYGATE_ENV": "production",
    "PAYGATE_PUBLIC_URL": "https://pay.alpenblick.example",
    "PAYGATE_MAIL_DOMAIN": "alpenblick.example",
    "PAYGATE_SECRET_KEY": "s" * 50,
    "PAYGATE_VAULT_KEYS": VAULT_KEYS,
    "DATABASE_URL": "postgresql://paygate:secret@db/paygate",
}

Told = Callable[..., Environment]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Told:
    """Read the environment as a process sees it that was told this, and nothing else."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAYGATE_DATA", str(tmp_path / "data"))

    def read(**values: str) -> Environment:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in values.items():
                patch.setenv(name, value)
            return environment.read()

    return read


def test_told_nothing_it_is_a_demo(told):
    read = told()

    assert (read.kind, read.port, read.public_url, read.limits) == (
        "demo",
        8000,
        "http://localhost:8000",
        "relaxed",
    )
    assert read.database["ENGINE"] == "django.db.backends.sqlite3"
    assert not read.is_production


def test_the_demo_makes_its_secrets_once_and_for_its_owners_eyes(told, tmp_path):
    first, second = told(), told()

    assert (first.secret_key, first.vault_keys) == (second.secret_key, second.vault_keys)
    assert len(first.secret_key) >= 50
    assert [len(base64.b64decode(key)) for key in first.vault_keys.values()] == [32]
    for name in ("secret-key", "vault-keys"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert sorted(os.listdir(tmp_path / "data")) == ["secret-key", "vault-keys"], (
        "nothing half written is left"
    )


def test_two_installations_have_different_secrets(told, tmp_path):
    first, second = told(), told(PAYGATE_DATA=str(tmp_path / "other"))

    assert first.secret_key != second.secret_key
    assert first.vault_keys != second.vault_keys


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYGATE_ENV", "prod"),
        ("PAYGATE_ENV", "Production"),
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "80.5"),
        ("PORT", "８０"),
        ("PORT", "65536"),
        ("PORT", "9" * 5000),
        ("PAYGATE_PUBLIC_URL", "pay.example.com"),
        ("PAYGATE_PUBLIC_URL", "ftp://pay.example.com"),
        ("PAYGATE_PUBLIC_URL", "https://"),
        ("PAYGATE_PUBLIC_URL", "https://pay.example.com/shop"),
        ("PAYGATE_PUBLIC_URL", "https://pay.example.com?a=b"),
        ("PAYGATE_PUBLIC_URL", "https://pay.example.com#a"),
        ("PAYGATE_PUBLIC_URL", "https://pay.example.com:https"),
        ("PAYGATE_PUBLIC_URL", "https://me@pay.example.com"),
        ("DATABASE_URL", "mysql://db/paygate"),
        ("DATABASE_URL", "paygate.sqlite3"),
        ("DATABASE_URL", "postgresql://user:secret@db:port/paygate"),
        ("DATABASE_URL", "postgresql://user:secret@db"),
        ("PAYGATE_TRUSTED_PROXIES", "one"),
        ("PAYGATE_TRUSTED_PROXIES", "-1"),
        ("PAYGATE_LIMITS", "off"),
        ("PAYGATE_SIMULATOR_URL", "localhost:8100"),
        ("PAYGATE_SIMULATOR_URL", "http://localhost:8100/simulator"),
        ("PAYGATE_CLOCK_OFFSET", "tomorrow"),
        ("PAYGATE_CLOCK_OFFSET", "1.5"),
        ("PAYGATE_VAULT_KEYS", "secret"),
        ("PAYGATE_VAULT_KEYS", '["secret"]'),
        ("PAYGATE_VAULT_KEYS", '{"k1": "secret"}'),
        ("PAYGATE_VAULT_KEYS", '{"k1": 5}'),
        ("PAYGATE_VAULT_KEYS", '{"k1": null}'),
        ("PAYGATE_VAULT_KEYS", json.dumps({"k1": base64.b64encode(b"k" * 31).decode()})),
        ("PAYGATE_VAULT_KEYS", json.dumps({"": base64.b64encode(b"k" * 32).decode()})),
        ("PAYGATE_SECRET_KEY", "@/no/such/file"),
        ("PAYGATE_VAULT_KEYS", "@/"),
        ("EMAIL_URL", "@/no/such/file"),
    ],
)
def test_what_is_wrong_is_named_and_never_repeated_where_it_may_be_secret(told, name, value):
    with pytest.raises(ImproperlyConfigured) as refusal:
        told(**{name: value})

    assert name in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({"PORT": "9000"}, {"port": 9000, "public_url": "http://localhost:9000"}),
        ({"PAYGATE_PUBLIC_URL": "https://pay.example.com/"}, {"public_url": "https://pay.example.com"}),
        ({"PAYGATE_PUBLIC_URL": "http://127.0.0.1:8123"}, {"public_url": "http://127.0.0.1:8123"}),
        ({"PAYGATE_LIMITS": "strict"}, {"limits": "strict"}),
        ({"PAYGATE_CLOCK_OFFSET": "-3600"}, {"clock_offset": "-3600"}),
        ({"PAYGATE_CLOCK_OFFSET": "@/not/there/yet"}, {"clock_offset": "@/not/there/yet"}),
        ({}, {"simulator_url": ""}),
        (
            {"PAYGATE_SIMULATOR_URL": "http://localhost:8100/"},
            {"simulator_url": "http://localhost:8100"},
        ),
        ({"PAYGATE_TRUSTED_PROXIES": "2"}, {"trusted_proxies": 2}),
        ({"PAYGATE_ENV": "", "PORT": "", "PAYGATE_PUBLIC_URL": ""}, {"kind": "demo", "port": 8000}),
    ],
)
def test_what_is_right_is_read(told, values, read):
    found = told(**values)

    assert {name: getattr(found, name) for name in read} == read


def test_a_secret_may_stand_in_a_file(told, tmp_path):
    (tmp_path / "key").write_text("from a file\n")

    assert told(PAYGATE_SECRET_KEY=f"@{tmp_path / 'key'}").secret_key == "from a file"


def test_a_simulator_of_its_own_is_told_the_clock_and_makes_no_folder(told, tmp_path, monkeypatch):
    monkeypatch.setenv("PAYGATE_DATA", str(tmp_path / "untouched"))
    monkeypatch.setenv("PAYGATE_CLOCK_OFFSET", "3600")

    assert environment.simulator_clock() == "3600"
    assert not (tmp_path / "untouched").exists()


class TestProduction:
    def test_runs_no_simulator(self, told, monkeypatch):
        monkeypatch.setenv("PAYGATE_ENV", "production")

        with pytest.raises(ImproperlyConfigured, match="simulator"):
            environment.simulator_clock()

    def test_starts_with_everything_it_needs(self, told):
        read = told(**PRODUCTION)

        assert (read.is_production, read.limits) == (True, "strict")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PAYGATE_SECRET_KEY", ""),
            ("PAYGATE_SECRET_KEY", "s" * 49),
            ("PAYGATE_VAULT_KEYS", ""),
            ("PAYGATE_VAULT_KEYS", "{}"),
            ("PAYGATE_PUBLIC_URL", ""),
            ("PAYGATE_PUBLIC_URL", "http://pay.alpenblick.example"),
            ("PAYGATE_MAIL_DOMAIN", ""),
            ("PAYGATE_MAIL_DOMAIN", "paygate.localhost"),
            ("PAYGATE_LIMITS", "relaxed"),
            ("PAYGATE_CLOCK_OFFSET", "1"),
            ("PAYGATE_CLOCK_OFFSET", "@/tmp/offset"),
            ("PAYGATE_CRASH_AT", "auth.marked_sent"),
            ("PAYGATE_SIMULATOR_URL", "https://simulator.example.com"),
        ],
    )
    def test_refuses_what_is_not_fit(self, told, name, value):
        with pytest.raises(ImproperlyConfigured, match=name):
            told(**PRODUCTION | {name: value})

    def test_makes_no_secrets_by_itself(self, told, tmp_path):
        told(**PRODUCTION)

        assert os.listdir(tmp_path / "data") == []

    def test_uses_none_of_the_demos(self, told):
        told()

        with pytest.raises(ImproperlyConfigured):
            told(**PRODUCTION | {"PAYGATE_SECRET_KEY": ""})

    @pytest.mark.parametrize("name", ["PAYGATE_SECRET_KEY", "PAYGATE_VAULT_KEYS", "EMAIL_URL"])
    def test_refuses_secrets_that_everybody_on_the_machine_can_read(self, told, tmp_path, name):
        file = tmp_path / "secret"
        file.write_text(PRODUCTION.get(name, "smtp://mail.example"))
        file.chmod(0o644)

        with pytest.raises(ImproperlyConfigured, match=name):
            told(**PRODUCTION | {name: f"@{file}"})

        file.chmod(0o640)
        assert told(**PRODUCTION | {name: f"@{file}"}).is_production


def test_an_address_of_a_database_is_taken_apart(tmp_path):
    settings = database("postgresql://pay%40gate:p%2Fw@db.example:5433/pay%20gate", tmp_path)

    assert {name: settings[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "pay@gate",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
        "NAME": "pay gate",
    }
    assert settings["ENGINE"] == "paygate.tenants.postgresql"
    options = settings["OPTIONS"]
    assert isinstance(options, dict)
    assert options["options"] == "-c lock_timeout=5000 -c jit=off"  # LK-9


def test_sqlite_loses_nothing_that_was_committed(tmp_path):
    options = database("", tmp_path)["OPTIONS"]

    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 5  # LK-3, LK-9
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


@pytest.mark.parametrize(
    ("spelled", "read"),
    [
        ("", ""),
        ("192.0.2.53", "[192.0.2.53]:53"),
        ("127.0.0.1:5353", "[127.0.0.1]:5353"),
        ("[2001:db8::53]", "[2001:db8::53]:53"),
    ],
)
def test_a_name_server_is_an_address_in_figures(told, spelled, read):
    assert told(PAYGATE_NAME_SERVER=spelled).name_server == read


@pytest.mark.parametrize("spelled", ["dns.example.com", "192.0.2.53:x", "udp://192.0.2.53", "192.0.2.53/x"])
def test_anything_else_is_no_name_server(told, spelled):
    with pytest.raises(ImproperlyConfigured, match="PAYGATE_NAME_SERVER"):
        told(PAYGATE_NAME_SERVER=spelled)


def test_the_users_of_the_database_are_plain_names(told):
    """safety.md SE-4: they are written into statements."""
    assert told().database_roles == ()
    assert told(PAYGATE_DATABASE_ROLES="paygate_web, paygate_jobs").database_roles == (
        "paygate_web",
        "paygate_jobs",
    )
    for wrong in ('web"; DROP TABLE x; --', "Web", "paygate-web"):
        with pytest.raises(ImproperlyConfigured, match="PAYGATE_DATABASE_ROLES"):
            told(PAYGATE_DATABASE_ROLES=wrong)


def test_networks_that_may_be_called_are_loopback_in_the_demo_and_none_in_production(told):
    """safety.md SS-7."""
    assert [str(one) for one in told().outbound_allow] == ["127.0.0.0/8", "::1/128"]
    assert told(**PRODUCTION).outbound_allow == ()

    named = told(**PRODUCTION, PAYGATE_OUTBOUND_ALLOW="10.1.0.0/16, fd00:7::/32").outbound_allow

    assert [str(one) for one in named] == ["10.1.0.0/16", "fd00:7::/32"]
    for wrong in ("10.1.0.5/16", "the inner net", "10.1.0.0/33"):
        with pytest.raises(ImproperlyConfigured, match="PAYGATE_OUTBOUND_ALLOW"):
            told(PAYGATE_OUTBOUND_ALLOW=wrong)
