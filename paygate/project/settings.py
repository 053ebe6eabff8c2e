"""Django settings. What differs between installations comes from environment.py; nothing switches a debug mode on
(safety.md LG-5)."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from paygate.project import environment
from paygate.project.logging import logging_config

ENVIRONMENT = environment.read()
PACKAGE = Path(__file__).resolve().parents[1]
HTTPS = ENVIRONMENT.public_url.startswith("https://")

# What is ours.
PAYGATE_ENV = ENVIRONMENT.kind
PAYGATE_DATA = ENVIRONMENT.data
PORT = ENVIRONMENT.port
PAYGATE_PUBLIC_URL = ENVIRONMENT.public_url
PAYGATE_MAIL_DOMAIN = ENVIRONMENT.mail_domain
PAYGATE_ALARM_EMAIL = ENVIRONMENT.alarm_email
PAYGATE_VIRUS_SCANNER = ENVIRONMENT.virus_scanner
PAYGATE_DKIM_SELECTOR = ENVIRONMENT.dkim_selector
PAYGATE_NAME_SERVER = ENVIRONMENT.name_server
PAYGATE_VAULT_KEYS = ENVIRONMENT.vault_keys
PAYGATE_TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
PAYGATE_CLIENT_CERTIFICATE_HEADER = ENVIRONMENT.client_certificate_header
PAYGATE_LIMITS = ENVIRONMENT.limits
PAYGATE_CLOCK_OFFSET = ENVIRONMENT.clock_offset
PAYGATE_CRASH_AT = ENVIRONMENT.crash_at
PAYGATE_SIMULATOR = not ENVIRONMENT.is_production
PAYGATE_SIMULATOR_URL = (
    ENVIRONMENT.simulator_url
)  # of one that is a process of its own; empty: in this process
PAYGATE_SIMULATOR_ALONE = False
PAYGATE_OUTBOUND_ALLOW = ENVIRONMENT.outbound_allow
PAYGATE_SIMULATOR_LEDGER = str(ENVIRONMENT.data / "simulator-ledger.sqlite3")
PAYGATE_TEST_CARDS = PAYGATE_SIMULATOR
EMAIL_URL = ENVIRONMENT.email_url

# Django's.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # letters go through paygate.mail alone
SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = [urlsplit(ENVIRONMENT.public_url).hostname or "localhost"]
if not ENVIRONMENT.is_production:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url]

DATABASES = {"default": ENVIRONMENT.database}
PAYGATE_DATABASE_ROLES = ENVIRONMENT.database_roles
ON_POSTGRESQL = DATABASES["default"]["ENGINE"] == "paygate.tenants.postgresql"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    *(["procrastinate.contrib.django"] if ON_POSTGRESQL else []),
    "paygate.tenants",
    "paygate.lifecycle",
    "paygate.alarms",
    "paygate.jobs",
    "paygate.limits",
    "paygate.audit",
    "paygate.mail",
    "paygate.accounts",
    "paygate.merchants",
    "paygate.credentials",
    "paygate.cards",
    "paygate.aliases",
    "paygate.webhooks",
    "paygate.designs",
    "paygate.acquiring",
    "paygate.threeds",
    "paygate.offers",
    "paygate.links",
    "paygate.journal",
    "paygate.checkout",
    "paygate.uploads",
    "paygate.backoffice",
    "paygate.paypage",
    "paygate.api",
    "paygate.operations",
]

MIDDLEWARE = [
    "paygate.project.middleware.KnownOrigin",
    "paygate.project.middleware.RequestLog",
    "paygate.project.middleware.SlowBrowsers",
    "paygate.project.middleware.CallsInTime",
    "paygate.project.middleware.ReportingEndpoints",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "paygate.project.middleware.PolicyOfThePage",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "paygate.project.middleware.SessionForPeople",
    "paygate.project.middleware.LocaleForPeople",
    "django.middleware.common.CommonMiddleware",
    "paygate.project.middleware.CsrfForPeople",
    "paygate.project.middleware.AuthenticationForPeople",
    "paygate.project.middleware.LanguageOfThePerson",
    "paygate.project.middleware.MessagesForPeople",
    "paygate.project.middleware.PresenceOfThePerson",
    "allauth.account.middleware.AccountMiddleware",
    "paygate.project.middleware.AxesForPeople",
]

ROOT_URLCONF = "paygate.project.urls"
WSGI_APPLICATION = "paygate.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": sorted(PACKAGE.glob("*/templates")),
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "paygate.project.jinja.environment",
            "context_processors": ["django.contrib.messages.context_processors.messages"],
        },
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

# People who sign in: the library's views under our names and in our look.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "paygate.accounts.guessable.NotEasilyGuessed"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "paygate.accounts.used_passwords.NotOneOfTheLast"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "backoffice:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "paygate.accounts.adapter.AccountAdapter"
ACCOUNT_TEMPLATE_EXTENSION = "jinja"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no letters
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # for how long somebody who proved who they are is believed (AU-3)
ACCOUNT_FORMS = {"reset_password": "paygate.accounts.forms.ResetPasswordForm"}
PASSWORD_RESET_TIMEOUT = 60 * 60
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = (
    True  # nobody signs up: a manager sets each address, so none waits to be verified
)
MFA_TOTP_ISSUER = "PayGate"
MFA_TOTP_TOLERANCE = 1  # one step either way; each code once (AU-2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # passkeys on http://localhost; production is always https
if (
    PAYGATE_LIMITS == "relaxed"
):  # the library's own limit of sign-ins from one address, times 1000 as all others
    ACCOUNT_RATE_LIMITS = {"login": "30000/m/ip"}

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.5  # hours: AU-1
AXES_LOCKOUT_PARAMETERS = [["username"], ["ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "paygate.accounts.lock.counted_as"
AXES_LOCKOUT_TEMPLATE = "429.jinja"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = ENVIRONMENT.trusted_proxies
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if ENVIRONMENT.trusted_proxies else ["REMOTE_ADDR"]
)
SILENCED_SYSTEM_CHECKS = [
    "axes.W002",
    "axes.W003",
]  # axes stands in AxesForPeople; the library's backend is guarded too

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_NAME = "__Host-paygate" if HTTPS else "paygate"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-paygate-form" if HTTPS else "paygate-form"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "paygate.backoffice.errors.form_too_old"
MESSAGE_STORAGE = "paygate.project.messages.CookieFirst"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# Headers of every page; the payment pages tighten them in paypage/headers.py.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trusted_proxies else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "report-uri": ["/reports/violations"],
        # Named in each answer by ReportingEndpoints (PP-2). Over http browsers report nothing where this is set.
        **({"report-to": "violations"} if HTTPS else {}),
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "usb",
    )
} | {"payment": ["self"], "publickey-credentials-get": ["self"], "publickey-credentials-create": ["self"]}  # fmt: skip
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["paygate.backoffice.uploads.SmallFiles"]  # never on the disk (UP-3, UP-4)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("fr", _("French")), ("it", _("Italian"))]
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = logging_config()
