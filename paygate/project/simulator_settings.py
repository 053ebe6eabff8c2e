"""Django settings of the simulator as a process of its own: pages in four languages, and no database at all."""

import secrets
from pathlib import Path

from csp.constants import NONE, SELF

from paygate.project import environment

PACKAGE = Path(__file__).resolve().parents[1]

PAYGATE_ENV = "demo"
PAYGATE_CLOCK_OFFSET = environment.simulator_clock()
PAYGATE_SIMULATOR = PAYGATE_TEST_CARDS = True
PAYGATE_SIMULATOR_ALONE = True
PAYGATE_SIMULATOR_URL = ""  # it is what others reach over HTTP
PAYGATE_SIMULATOR_LEDGER = ""  # told on the command line, like the next one
PAYGATE_PUBLIC_URL = ""

SECRET_KEY = secrets.token_urlsafe(50)  # Django wants one; nothing here is signed
ALLOWED_HOSTS = ["*"]  # whatever name the machine has; it only pretends
DATABASES: dict[str, dict[str, object]] = {}
INSTALLED_APPS = ["django.contrib.staticfiles", "csp"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "csp.middleware.CSPMiddleware"]
ROOT_URLCONF = "paygate.operations.simulator.own_urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": sorted(PACKAGE.glob("*/templates")),
        "APP_DIRS": False,
        "OPTIONS": {"environment": "paygate.project.jinja.environment"},
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "paypage" / "static"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "German"), ("fr", "French"), ("it", "Italian")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
