"""The message log of an authentication (safety.md 3D-5)."""

from datetime import datetime

from paygate.threeds.message_fields import Body
from paygate.threeds.messages import masked
from paygate.threeds.models import Authentication, Direction, MessageLine


def note_message(auth: Authentication, direction: Direction, body: Body, *, now: datetime) -> MessageLine:
    """Write one message down, masked, in the caller's transaction."""
    line: MessageLine = MessageLine.objects.create(
        merchant_id=auth.merchant_id,
        authentication=auth,
        direction=direction,
        message_type=str(body.get("messageType"))[:4],
        body=masked(body),
        at=now,
    )
    return line
