"""Who is acting, and what they reach. Every query for a merchant starts with an actor (safety.md TN-2)."""

from dataclasses import dataclass
from typing import Final

from paygate.merchants.models import Member, Terminal, TerminalKind
from paygate.merchants.roles import PERMISSIONS, Permission
from paygate.refusals import Kind, NotFound, Refusal
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant


class NotPermitted(Refusal):
    """The actor's role does not include this."""

    code = "PERMISSION_DENIED"
    kind = Kind.FORBIDDEN


_TERMINAL: Final = Kept(
    lambda: Terminal.objects.filter(
        merchant=Given("merchant_id", Merchant._meta.pk),
        number=Given("number", Terminal._meta.get_field("number")),
    )
)
SYSTEM: Final = "system"  # as it stands in histories: a job, or an operator's command


@dataclass(frozen=True, slots=True)
class Actor:
    """A member, an API credential, a payer or the system."""

    merchant_id: int
    name: str  # as it stands in histories, for example "member:12"
    permissions: frozenset[Permission]
    is_set_up: bool = (
        False  # the merchant's settings are known to be complete; else whoever wants to know asks
    )

    def require(self, permission: Permission) -> None:
        """Raises `NotPermitted` when the role does not include it."""
        if permission not in self.permissions:
            raise NotPermitted(permission.value)

    def terminal(self, number: str, *, kind: TerminalKind | None = None) -> Terminal:
        """The actor's terminal with this number. Raises `NotFound` for unknown and foreign ones alike."""
        found = _TERMINAL.first(merchant_id=self.merchant_id, number=number)
        if found is None or kind not in (None, found.kind):
            raise NotFound
        return found


def actor_of(member: Member) -> Actor:
    """What this member may do."""
    complete_since = member.__dict__.get("complete_since")  # known with the features (licence.py)
    is_set_up = complete_since is not None
    return Actor(member.merchant_id, f"member:{member.pk}", PERMISSIONS[member.role], is_set_up)


def system(merchant_id: int) -> Actor:
    """The installation itself, working for a merchant: jobs and operators' commands."""
    return Actor(merchant_id, SYSTEM, frozenset(Permission))
