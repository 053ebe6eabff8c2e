"""The table of 3-D Secure servers, and which one serves a merchant (safety.md 3D-6)."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from paygate.refusals import Kind, Refusal
from paygate.tenants.models import Merchant
from paygate.threeds.server import ThreeDSServer
from paygate.threeds.simulator.server import Simulator

SERVERS: Final[Mapping[str, ThreeDSServer]] = {Simulator.kind: Simulator()}
PRETENDED: Final = frozenset({Simulator.kind})  # test equipment, never for real money


class NoServer(Refusal):
    """No 3-D Secure server may serve this merchant."""

    code = "NO_THREE_DS_SERVER"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("3-D Secure is not set up for this merchant."))


def hosts() -> Iterator[str]:
    """Whom the servers of all kinds speak to."""
    for server in SERVERS.values():
        yield from server.hosts()


def server_for(merchant: Merchant) -> ThreeDSServer:
    """The server that a new authentication of this merchant goes to. Raises `NoServer`."""
    return server_of_kind(Simulator.kind, merchant)


def server_of_kind(kind: str, merchant: Merchant) -> ThreeDSServer:
    """The server an authentication was begun with. A live merchant never gets a pretended one. Raises `NoServer`."""
    if kind not in SERVERS or (kind in PRETENDED and (merchant.live or not settings.PAYGATE_SIMULATOR)):
        raise NoServer
    return SERVERS[kind]
