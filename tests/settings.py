"""Settings of the tests: the product's own, on a database made for the run."""

import atexit
import os
import shutil
import tempfile

_DATA = tempfile.mkdtemp(prefix="paygate-tests-")
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
os.mkdir(os.path.join(_DATA, "static"))
os.environ.update(
    PAYGATE_ENV="demo",
    PAYGATE_DATA=_DATA,
    PAYGATE_PUBLIC_URL="http://localhost:8000",
    PAYGATE_LIMITS="relaxed",
    EMAIL_URL="",
    DATABASE_URL="",
)
if os.environ.get("PAYGATE_TEST_DATABASE") == "postgresql":
    if "PAYGATE_TEST_POSTGRES_URL" not in os.environ:
        from tests.postgres import start

        os.environ["PAYGATE_TEST_POSTGRES_URL"] = start().url
    os.environ["DATABASE_URL"] = os.environ["PAYGATE_TEST_POSTGRES_URL"]

from paygate.project.environment import SQLITE_OPTIONS  # noqa: E402  # the environment must be set before
from paygate.project.settings import *  # noqa: E402, F403  # the environment must be set before it is read

ALLOWED_HOSTS = ["*"]
if not ON_POSTGRESQL:  # noqa: F405  # from the star import above
    # A file, not memory: threads of a test must meet in one database, as processes do.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_DATA, "test.sqlite3")}  # noqa: F405
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS | {  # noqa: F405
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
