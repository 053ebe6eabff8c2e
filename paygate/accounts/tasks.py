"""Jobs: write the letter with which somebody chooses a new password; forget sign-ins that are over."""

from paygate.accounts import presence
from paygate.accounts.letters import queue_reset_letter
from paygate.accounts.models import User
from paygate.clock import now
from paygate.jobs.interface import every, task


@task("accounts.send_reset_link")
def send_reset_link(*, user_id: int | None) -> None:
    """Queue the letter for this person, if there is one. Run twice it sends two links that both work, until one is
    used."""
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if user is not None:
        queue_reset_letter(user, now=now())


@every(minutes=60, name="accounts.forget_sessions")
def forget_sessions() -> None:
    """What ended by itself."""
    presence.forget(now=now())
