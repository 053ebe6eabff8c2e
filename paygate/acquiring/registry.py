"""The table of connector kinds, and the connector of a contract."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from paygate.acquiring.connector import Connector
from paygate.acquiring.models import Contract
from paygate.acquiring.simulator.connector import SimulatorConnector


class WrongWorld(AssertionError):
    """Pretended and real money were about to meet (safety.md TN-7)."""


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """One row: how to make a connector, and whether real money moves behind it."""

    make: Callable[[], Connector]
    live: bool


KINDS: Final[Mapping[str, ConnectorKind]] = {
    SimulatorConnector.kind: ConnectorKind(make=SimulatorConnector, live=False),
}


def hosts() -> Iterator[str]:
    """Whom the connectors of all kinds speak to."""
    for kind in KINDS.values():
        yield from kind.make().hosts()


def connector_for(contract: Contract) -> Connector:
    """Who is asked for this contract's money.

    Raises `WrongWorld` for a test merchant at a live acquirer, for a live one at the simulator, and for the simulator
    where it is switched off.
    """
    kind = KINDS[contract.connector]
    if kind.live and not contract.merchant.live:
        raise WrongWorld(f"a test merchant has a contract with {contract.connector}")
    if not kind.live and contract.merchant.live:
        raise WrongWorld(f"a live merchant has a contract with {contract.connector}")
    if not kind.live and not settings.PAYGATE_SIMULATOR:
        raise WrongWorld(f"{contract.connector} is switched off here")
    return kind.make()
