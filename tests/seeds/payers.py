"""Buyers: they open links, press buttons, once or twice, go to their bank or wallet, and come back or do not.

They walk through the rooms as the payment pages do (paypage/views.py, session_views.py), without the pages.
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from paygate.acquiring.simulator import acquirer
from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.checkout import next_step as step
from paygate.checkout.asking import Details
from paygate.checkout.authenticate import begin, go_on
from paygate.checkout.authorize import authorize
from paygate.checkout.details import take_details
from paygate.checkout.leave import leave
from paygate.checkout.models import Attempt, Session
from paygate.checkout.open import look_at
from paygate.checkout.outcome import step_seen
from paygate.checkout.states import LIVE
from paygate.checkout.take_means import (
    Begun,
    DetailsMissing,
    OfferChanged,
    Press,
    VisitOver,
    take_card,
    take_card_in,
    take_wallet,
    take_wallet_in,
)
from paygate.checkout.three_ds import look_up
from paygate.checkout.visits import Given, begin_visit, link_behind, look_at_link
from paygate.links.models import Link
from paygate.links.payable import LinkClosed
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable
from paygate.tenants.models import Merchant
from paygate.threeds.browser import note_browser_return, note_method_done
from paygate.threeds.simulator import issuer
from paygate.threeds.simulator.faults import Op, due
from paygate.threeds.simulator.scenarios import Press as Button
from tests.seeds.world import World

PLAIN: Final = "9010003150000001"
LOOKED_AT: Final = "9010403104000000"  # the bank looks at the browser first
CARDS: Final = {
    PLAIN: 6,
    "9030003150000007": 4,
    LOOKED_AT: 3,
    "9010004950000001": 5,  # asked
    "9010004250000008": 1,  # asked, and the scheme answers for the bank
    "9010004350000007": 1,  # asked, and refused
    "9010004150000009": 1,  # asked, and then nothing is usable
    "9010003750000005": 1,  # nothing usable
    "9010403153150003": 1,  # declined
    "9010403153900001": 4,  # as the amount says
    "9030103204160003": 2,  # wants authentication, even after one
    "9010100052101000": 1,  # asked, and the shift is refused
    "9060100052000003": 2,  # no 3-D Secure
    "9010003150007774": 2,  # unknown to every bank, and never to be tried again
}
WALLETS: Final = ("TWINT", "POSTFINANCEPAY")
GIVEN: Final = (500, 4900, 4904, 12_000)  # what payers of a multi-use link enter
BUTTONS: Final = [Button.APPROVE] * 4 + [Button.REFUSE, Button.CANCEL]
GOES_ON: Final = (step.LookAtBrowser, step.Challenge, step.Elsewhere, step.GoOn)
BROWSER: Final[dict[str, str | int | bool | None]] = {
    "accept_header": "text/html",
    "ip": "192.0.2.7",
    "language": "en",
    "user_agent": "Mozilla/5.0",
}


def card(number: str) -> Card:
    return Card(CardNumber.parse(number), Expiry(2034, 12), SecurityCode("123"), "")


@dataclass(eq=False)
class Visit:
    """One browser at one link, as its window shows it: maybe long after things have changed."""

    offer: UUID | None  # None: at a multi-use link
    browser: str
    email: str
    link: UUID | None = None
    revision: int = 0
    form: UUID | None = None  # of the last press
    means: str = ""
    session: int = 0
    packet: str = field(default="", repr=False)
    seen: step.NextStep | None = None


@dataclass(frozen=True)
class Told:
    """What a page said about money."""

    session: int
    attempt: int
    said: str
    email: str  # where a message would go to that was promised then


class Payers:
    """All of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.visits: list[Visit] = []
        self.told: list[Told] = []
        self.wavers = True  # False: does what is asked for, and nothing else

    # What they can do. Each answers whether there was anything to do.

    def open_link(self, offer: UUID, browser: str) -> bool:
        """Opens a link, and sees what it shows."""
        visit = Visit(offer, browser, self.world.chance.choice(["", "carla@example.org"]))
        self.visits.append(visit)
        self.world.tell(f"{browser} opens {self._name(visit)}")
        self._open(visit)
        return True

    def open_multi_use(self, link: UUID, browser: str) -> bool:
        """Opens a multi-use link, says how much where that is asked, and sees what comes then."""
        visit = Visit(None, browser, self.world.chance.choice(["", "carla@example.org"]), link)
        self.visits.append(visit)
        self.world.tell(f"{browser} opens {self._name(visit)}")
        self._open(visit)
        return True

    def press_pay(self, visit: Visit, means: str) -> bool:
        """Fills the form in that the window shows, and presses the button."""
        visit.form, visit.means = uuid4(), means
        self.world.tell(f"{visit.browser} pays {self._name(visit)} by {means}")
        self._press(visit)
        return True

    def press_again(self) -> bool:
        """The same form once more: a double click, or a reload."""
        visit = self._one(lambda one: one.form is not None)
        if visit is None:
            return False
        self.world.tell(f"{visit.browser} sends the form for {self._name(visit)} again")
        self._press(visit)
        return True

    def go_on(self) -> bool:
        """Whatever a page asks for: the look at the browser, the bank, the wallet, the way back."""
        visit = self._one(lambda one: bool(one.session) and isinstance(one.seen, GOES_ON))
        if visit is None:
            return False
        self._go_on(visit)
        return True

    def pay_for_sure(self, *, offer: UUID | None = None, link: UUID | None = None) -> step.NextStep | None:
        """Somebody who wants to pay, and does all that is asked for. What is seen in the end."""
        self.wavers = False
        if offer:
            self.open_link(offer, "Eva's phone")
        elif link:
            self.open_multi_use(link, "Eva's phone")
        visit = self.visits[-1]
        self.press_pay(visit, PLAIN)
        for _ in range(4):  # the bank's look, the bank, and the way back
            if isinstance(visit.seen, GOES_ON):
                self._go_on(visit)
        return visit.seen

    def _go_on(self, visit: Visit) -> None:
        match visit.seen:
            case step.LookAtBrowser():
                self._let_bank_look(visit, visit.seen)
            case step.Challenge():
                self._at_bank(visit, visit.seen)
            case step.Elsewhere():
                self._at_wallet(visit, visit.seen)
        self.world.tell(f"{visit.browser} goes on with {self._name(visit)}")
        live = Attempt.objects.filter(session=visit.session, state__in=LIVE)
        attempt = live.select_related("second_try_of").order_by("-pk").first()
        if attempt is not None:
            self._keep(visit, go_on(attempt, visit.packet, now=self.world.now))
        self._look(visit)

    def look(self) -> bool:
        """Loads the page again."""
        visit = self._one(lambda one: True)
        if visit is None:
            return False
        self.world.tell(f"{visit.browser} looks at {self._name(visit)}")
        if visit.session:
            self._look(visit)
        else:
            self._open(visit)
        return True

    def leave(self) -> bool:
        """Presses Cancel."""
        visit = self._one(lambda one: bool(one.session))
        if visit is None:
            return False
        self.world.tell(f"{visit.browser} gives up {self._name(visit)}")
        leave(Session.objects.select_related("offer").get(pk=visit.session), now=self.world.now)
        self._look(visit)
        return True

    # How.

    def _open(self, visit: Visit) -> None:
        if visit.link:
            self._begin_visit(visit, visit.link)
        elif visit.offer:
            self._open_offer(visit, visit.offer)

    def _open_offer(self, visit: Visit, offer_id: UUID) -> None:
        offer = Offer.objects.select_related("terminal", "merchant").get(pk=offer_id)
        visit.revision = offer.revision
        seen = look_at(offer, browser=visit.browser, now=self.world.now)
        if isinstance(seen, Session):
            visit.session = seen.pk
            self._look(visit)
        elif isinstance(seen, step.AskAddress):
            self.world.tell(f"  and enters {visit.email or 'no address'}")
            take_details(offer_id, Details(visit.email), browser=visit.browser, now=self.world.now)
            visit.seen = look_at(offer, browser=visit.browser, now=self.world.now)  # type: ignore[assignment]
        else:
            visit.seen = seen

    def _begin_visit(self, visit: Visit, link_id: UUID) -> None:
        visit.session, visit.seen, visit.form = 0, None, None
        now, link = self.world.now, Link.objects.select_related("terminal", "merchant").get(pk=link_id)
        link = link_behind(link.merchant.customer_id, link.terminal.number, str(link_id))
        seen = look_at_link(link, browser=visit.browser, now=now)
        if isinstance(seen, step.Closed):
            self.world.tell(f"  and sees that it is closed: {seen.why}")
            visit.seen = seen
            return
        if not isinstance(seen, Session):
            amount = None if link.amount else Money(self.world.chance.choice(GIVEN), link.currency)
            self.world.tell(f"  and enters {amount}, {visit.email or 'no address'}")
            seen = begin_visit(link, Given(amount, Details(visit.email)), browser=visit.browser, now=now)
        visit.session = seen.pk
        self._look(visit)

    def _press(self, visit: Visit) -> None:
        try:
            self._send(visit)
        except (NotPayable, OfferChanged, DetailsMissing, LinkClosed, VisitOver) as refusal:
            self.world.tell(f"  refused: {refusal.code}")
            self._open(visit)  # where the page leads to then

    def _send(self, visit: Visit) -> None:
        assert visit.form is not None
        now, press = self.world.now, Press(visit.form, visit.revision, visit.browser, BROWSER)
        if visit.means in WALLETS:
            if visit.offer:
                begun = take_wallet(visit.offer, visit.means, press, now=now)
            else:
                begun = take_wallet_in(visit.session, visit.means, press, now=now)
            visit.session = begun.attempt.session_id
            if not begun.again:
                authorize(begun.attempt, card=None, return_url="http://localhost/back", now=now)
        else:
            paid_with = card(visit.means)
            looked = look_up(paid_with, merchant=Merchant.objects.get())
            if visit.offer:
                begun = take_card(visit.offer, paid_with, press, looked=looked, now=self.world.now)
            else:
                begun = take_card_in(visit.session, paid_with, press, looked=looked, now=self.world.now)
            visit.session = begun.attempt.session_id
            self._go_as_far_as_possible(visit, begun, paid_with)
        self._look(visit)

    def _go_as_far_as_possible(self, visit: Visit, begun: Begun, paid_with: Card) -> None:
        packet = begun.packet
        if not begun.again:
            seen = begin(begun.attempt, paid_with, begun.packet, question=begun.question, now=self.world.now)
            packet = getattr(seen, "packet", "")
        visit.packet = packet or visit.packet

    def _let_bank_look(self, visit: Visit, seen: step.LookAtBrowser) -> None:
        if self.world.chance.random() < 0.7 and due(Op.METHOD, 0) is None:
            note_method_done(seen.method_data)

    def _at_bank(self, visit: Visit, seen: step.Challenge) -> None:
        asked = issuer.challenge_of(seen.fields["creq"])
        if asked is None or (self.wavers and self.world.chance.random() < 0.1):
            return  # comes back without having done anything
        button = self.world.chance.choice(BUTTONS) if self.wavers else Button.APPROVE
        self.world.tell(f"{visit.browser} presses {button} at the bank")
        pressed = issuer.press(asked.acs_trans_id, button, now=self.world.now)
        if pressed is None or due(Op.CRES, pressed.amount_minor) is not None:
            return  # the way back is lost; the window is opened again
        note_browser_return(issuer.cres_for(pressed), now=self.world.now)

    def _at_wallet(self, visit: Visit, seen: step.Elsewhere) -> None:
        choice = self.world.chance.choice(["approve"] * 4 + ["refuse", "cancel", "leave", "leave"])
        self.world.tell(f"{visit.browser} chooses {choice} at the wallet")
        if choice != "leave":
            acquirer.choose(seen.url.rpartition("/")[2], choice)

    def _keep(self, visit: Visit, seen: step.NextStep) -> None:
        visit.packet = getattr(seen, "packet", "") or visit.packet

    def _look(self, visit: Visit) -> None:
        session = Session.objects.select_related("offer").get(pk=visit.session)
        if visit.link:
            visit.revision = session.revision
        visit.seen = step_seen(session, now=self.world.now)
        said = type(visit.seen).__name__
        if isinstance(visit.seen, step.AskMeans) and (visit.seen.declined or visit.seen.interrupted):
            said = "NothingTaken"
        if said in {"Paid", "Failed", "Aborted", "Checking", "NothingTaken"}:
            last = session.attempts.order_by("-pk").values_list("pk", flat=True)
            self.told.append(Told(visit.session, last[0], said, session.payer_email))
        self.world.tell(f"  and sees {said}")

    def _one(self, fits: object) -> Visit | None:
        fitting = [one for one in self.visits[-6:] if fits(one)]  # type: ignore[operator]
        return self.world.chance.choice(fitting) if fitting else None

    def _name(self, visit: Visit) -> str:
        return f"multi-use link {str(visit.link)[:6]}" if visit.link else f"link {str(visit.offer)[:6]}"
