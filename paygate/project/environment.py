"""Reads and checks the environment variables of docs/configuration; the only file that touches `os.environ`."""

import base64
import json
import os
import re
import secrets
import stat
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from paygate.checkpoints import CHECKPOINTS
from paygate.outbound.destination import Network, networks

CHECKOUT = Path(__file__).resolve().parents[2]
SECRET_LENGTH = 50
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
DEMO_MAIL_DOMAIN = "paygate.localhost"
LOOPBACK = "127.0.0.0/8, ::1/128"
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,  # seconds to wait for a lock; then "try again" (safety.md LK-9)
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """What the process was told, checked."""

    kind: str  # demo or production
    data: Path
    port: int
    public_url: str
    database: dict[str, object]
    database_roles: tuple[str, ...]  # the database users of web and jobs, where they own nothing (SE-4)
    email_url: str
    mail_domain: str
    alarm_email: str  # who is told of alarms; empty: nobody is, by mail
    dkim_selector: str
    name_server: str  # host:port; empty: the system's
    virus_scanner: str  # a command, or clamd:...; empty: files are not scanned
    secret_key: str
    vault_keys: dict[
        str, str
    ]  # key id -> base64 of 32 bytes; the first is the one new secrets are sealed with
    trusted_proxies: int
    client_certificate_header: str  # of the proxy that has verified it; empty: no client certificates
    limits: str
    clock_offset: str
    crash_at: str
    simulator_url: str  # empty: in this process
    outbound_allow: tuple[Network, ...]  # may be called although they are not public (safety.md SS-7)

    @property
    def is_production(self) -> bool:
        """Real money may move here."""
        return self.kind == "production"


def use_our_settings() -> None:
    """Let Django read our settings, unless the process was told others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paygate.project.settings")


def read() -> Environment:
    """The environment of this process. Raises `ImproperlyConfigured` with the variable and what would be right."""
    kind = _one_of("PAYGATE_ENV", "demo", {"demo", "production"})
    data = Path(os.environ.get("PAYGATE_DATA") or CHECKOUT / "var").resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = _number("PORT", 8000, most=65535)
    environment = Environment(
        kind=kind,
        data=data,
        port=port,
        public_url=_address("PAYGATE_PUBLIC_URL", f"http://localhost:{port}", "https://pay.example.com"),
        database=database(os.environ.get("DATABASE_URL", ""), data),
        database_roles=_database_roles(),
        email_url=_secret("EMAIL_URL", kind),
        mail_domain=os.environ.get("PAYGATE_MAIL_DOMAIN") or DEMO_MAIL_DOMAIN,
        alarm_email=os.environ.get("PAYGATE_ALARM_EMAIL", ""),
        dkim_selector=os.environ.get("PAYGATE_DKIM_SELECTOR") or "paygate",
        name_server=_name_server(),
        virus_scanner=os.environ.get("PAYGATE_VIRUS_SCANNER", ""),
        secret_key=_secret("PAYGATE_SECRET_KEY", kind) or _made_once(data / "secret-key", kind),
        vault_keys=_vault_keys(
            _secret("PAYGATE_VAULT_KEYS", kind) or _made_once(data / "vault-keys", kind, vault=True)
        ),
        trusted_proxies=_number("PAYGATE_TRUSTED_PROXIES", 0),
        client_certificate_header=os.environ.get("PAYGATE_CLIENT_CERTIFICATE_HEADER", "").strip(),
        limits=_one_of(
            "PAYGATE_LIMITS", "strict" if kind == "production" else "relaxed", {"strict", "relaxed"}
        ),
        clock_offset=_clock_offset(),
        crash_at=_crash_at(),
        simulator_url=_address("PAYGATE_SIMULATOR_URL", "", "http://localhost:8100"),
        outbound_allow=_networks("PAYGATE_OUTBOUND_ALLOW", "" if kind == "production" else LOOPBACK),
    )
    if environment.is_production:
        _refuse_what_is_not_fit(environment)
    return environment


def _database_roles() -> tuple[str, ...]:
    names = tuple(
        filter(None, (one.strip() for one in os.environ.get("PAYGATE_DATABASE_ROLES", "").split(",")))
    )
    if not all(_ROLE.fullmatch(name) for name in names):
        raise ImproperlyConfigured(
            "PAYGATE_DATABASE_ROLES must be names of database users in small letters, such as paygate_web,paygate_jobs"
        )
    return names


def simulator_clock() -> str:
    """What a simulator that is a process of its own is told: how the clock is shifted. Never in production (TE-1)."""
    if _one_of("PAYGATE_ENV", "demo", {"demo", "production"}) == "production":
        raise ImproperlyConfigured("The simulator is test equipment and refused in production")
    return _clock_offset()


def database(url: str, data: Path) -> dict[str, object]:
    """Django's database settings for an address; without one, a SQLite file in the data folder.

    SQLite begins every writing transaction as IMMEDIATE, keeps a write-ahead log and syncs fully (safety.md LK-3).
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(data / "paygate.sqlite3"),
            "OPTIONS": SQLITE_OPTIONS,
        }
    parts = urlsplit(url)
    name, port = unquote(parts.path.lstrip("/")), _port_of(parts)
    if parts.scheme not in {"postgresql", "postgres"} or not name or port is None:
        # The address is not repeated: it may hold a password.
        raise ImproperlyConfigured(
            "DATABASE_URL must be an address such as postgresql://user:password@host:5432/name"
        )
    return {
        "ENGINE": "paygate.tenants.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # No statement here is long enough for compiling it to pay.
            "options": "-c lock_timeout=5000 -c jit=off",
            "server_side_binding": True,
            "prepare_threshold": 1,
        },
    }


def _address(name: str, default: str, example: str) -> str:
    """Scheme, host and port, and nothing more; or the default."""
    url = (os.environ.get(name) or default).rstrip("/")
    parts = urlsplit(url)
    more_than_an_address = (
        parts.path or parts.query or parts.fragment or parts.username or _port_of(parts) is None
    )
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or more_than_an_address):
        raise ImproperlyConfigured(f"{name} must be an address such as {example}")
    return url


def _name_server() -> str:
    """The address of a name server in figures, with its port; empty for the system's own."""
    spelled = os.environ.get("PAYGATE_NAME_SERVER", "")
    if not spelled:
        return ""
    parts = urlsplit(f"//{spelled}")
    port = _port_of(parts)
    try:
        address = ip_address(parts.hostname or "")
    except ValueError:
        port = None
    if port is None or parts.netloc != spelled:
        raise ImproperlyConfigured(
            "PAYGATE_NAME_SERVER must be an address such as 192.0.2.53 or 192.0.2.53:53"
        )
    return f"[{address}]:{port or 53}"


def _networks(name: str, default: str) -> tuple[Network, ...]:
    try:
        return networks(os.environ.get(name) or default)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be networks such as 10.1.0.0/16, 192.168.7.5/32 (nothing set behind the mask)"
        ) from error


def _port_of(parts: SplitResult) -> int | None:
    """The port of an address; 0 when it names none, None when what it names is no port."""
    try:
        return parts.port or 0
    except ValueError:
        return None


def _secret(name: str, kind: str) -> str:
    """A secret, or what stands in the file that `@FILE` names; in production not everybody may read it (SE-2)."""
    value = os.environ.get(name, "")
    if not value.startswith("@"):
        return value
    path = Path(value[1:])
    try:
        everybodys = bool(path.stat().st_mode & stat.S_IROTH)
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}: the file {path} can't be read") from error
    if everybodys and kind == "production":
        raise ImproperlyConfigured(
            f"{name}: everybody on this machine can read the file {path}; chmod it to 600"
        )
    return secret


def _clock_offset() -> str:
    """Seconds, or `@FILE` holding them: the file is read again and again, so it is not looked into here."""
    spelled = os.environ.get("PAYGATE_CLOCK_OFFSET", "")
    if spelled and not spelled.startswith("@"):
        try:
            int(spelled)
        except ValueError as error:
            raise ImproperlyConfigured(
                "PAYGATE_CLOCK_OFFSET must be a whole number of seconds, or @FILE"
            ) from error
    return spelled


def _crash_at() -> str:
    """The name of a checkpoint, maybe with `:n` for the n-th time (safety.md TE-2)."""
    spelled = os.environ.get("PAYGATE_CRASH_AT", "")
    name, _, which = spelled.partition(":")
    if spelled and (name not in CHECKPOINTS or (which and not which.isdecimal())):
        raise ImproperlyConfigured(
            "PAYGATE_CRASH_AT must be the name of a checkpoint of checkpoints.py, or NAME:3 for the third time"
        )
    return spelled


def _made_once(path: Path, kind: str, *, vault: bool = False) -> str:
    """A secret of the demo, made at the first start and kept for the owner's eyes."""
    if kind == "production":
        return ""
    if not path.exists():
        made = (
            json.dumps({"k1": base64.b64encode(secrets.token_bytes(32)).decode()})
            if vault
            else secrets.token_urlsafe(SECRET_LENGTH)
        )
        part = path.with_suffix(f".{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(made)
        try:
            os.link(part, path)  # the first process wins; all read the same secret
        except FileExistsError:
            pass
        part.unlink()
    return path.read_text().strip()


def _vault_keys(spelled: str) -> dict[str, str]:
    try:
        keys: dict[str, str] = json.loads(spelled) if spelled else {}
        if any(not name or len(base64.b64decode(key, validate=True)) != 32 for name, key in keys.items()):
            raise ValueError
    except (ValueError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(
            'PAYGATE_VAULT_KEYS must be JSON such as {"k1": "<base64 of 32 bytes>"}, newest first'
        ) from error
    return keys


def _refuse_what_is_not_fit(environment: Environment) -> None:
    """Production starts with real secrets, over https, and without test equipment (safety.md SE-2)."""
    if len(environment.secret_key) < SECRET_LENGTH:
        raise ImproperlyConfigured(
            f"PAYGATE_SECRET_KEY must have at least {SECRET_LENGTH} characters in production"
        )
    if not environment.vault_keys:
        raise ImproperlyConfigured("PAYGATE_VAULT_KEYS is missing")
    if not environment.public_url.startswith("https://"):
        raise ImproperlyConfigured("PAYGATE_PUBLIC_URL must begin with https:// in production")
    if environment.mail_domain == DEMO_MAIL_DOMAIN:
        raise ImproperlyConfigured(
            "PAYGATE_MAIL_DOMAIN is missing: letters come from addresses at this domain"
        )
    if environment.limits != "strict":
        raise ImproperlyConfigured("PAYGATE_LIMITS must be strict in production")
    for name in ("PAYGATE_SIMULATOR_URL", "PAYGATE_CLOCK_OFFSET", "PAYGATE_CRASH_AT"):
        if os.environ.get(name):
            raise ImproperlyConfigured(f"{name} is test equipment and refused in production")


def _one_of(name: str, default: str, allowed: set[str]) -> str:
    value = os.environ.get(name) or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(allowed))}")
    return value


def _number(name: str, default: int, *, most: int = 100) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or len(value) > 6 or int(value) > most:
        raise ImproperlyConfigured(f"{name} must be a whole number of at most {most}")
    return int(value)
