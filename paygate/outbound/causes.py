"""Why a call came to nothing: a word of our own for each way, as it is stored, and what people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """Names stand in rows that are kept for years, so they are added and never changed."""

    CONNECTION_REFUSED = "connection refused", _("the connection was refused")
    NO_TLS = "no TLS", _("no secure connection: the certificate is not valid for this address")
    NO_CONNECTION_IN_TIME = "no connection in time", _("no connection in time")
    NO_CONNECTION = "no connection", _("no connection")
    NO_ADDRESS = "no address", _("nobody knows this host name")
    NO_TIME_LEFT = "no time left", _("no time was left for the call")
    TIMEOUT = "timeout", _("no whole answer in time")
    DROPPED = "dropped", _("the connection was dropped, or it was no HTTP")
    TOO_LONG = "too_long", _("the answer was longer than any that is expected")
