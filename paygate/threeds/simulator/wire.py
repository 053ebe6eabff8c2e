"""The way to the pretended directory, in this process or in one of its own, with the faults that were asked for."""

import json
from collections.abc import Mapping
from typing import Any, Final

from paygate.simulation.wire import Party
from paygate.threeds.simulator import directory, faults
from paygate.threeds.simulator.faults import Op


def facts(message: bytes) -> Mapping[str, Any]:
    """What a fault can match: only the answer to an AReq goes wrong."""
    said = json.loads(message)
    is_areq = said.get("messageType") == "AReq"
    return {"op": Op.ARES if is_areq else "", "amount": said.get("purchaseAmount", "")}


DIRECTORY: Final = Party("/simulator/3ds/directory", facts, directory.answer, faults.spoil)
