"""One story: who does what next, and what goes wrong meanwhile. The seed decides all of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from typing import Final
from uuid import UUID

from paygate.checkout import next_step as step
from paygate.merchants.models import Terminal
from paygate.refusals import Refusal
from paygate.simulation import wire
from paygate.tenants.context import within
from tests.seeds.extent import STEPS
from tests.seeds.merchants import Merchants
from tests.seeds.payers import CARDS, WALLETS, Payers, Visit
from tests.seeds.workers import DUTIES, EACH_MINUTE, Workers
from tests.seeds.world import Died, Stage, Trouble, World, living

BROWSERS: Final = ("Carla's phone", "Carla's laptop", "Dario's laptop")
PAUSES: Final = (1, 3, 3, 12, 12, 40, 40, 70, 130, 310, 310, 920, 4000, 30_000, 90_000)  # seconds
MOST_LINKS: Final = 2
EVENING: Final = ("book", "run a job", "book", "close", "close", "close")  # where there is something to do
LONGEST_SCHEDULE: Final = 40  # steps of all schedules together, until two people must decide
UNTIL_THE_END: Final = (  # seconds, and the duties then
    (400, EACH_MINUTE),
    (2000, EACH_MINUTE),
    (130_000, DUTIES),
)

# How often each step is chosen, compared with the others.
STEPS_BY_WEIGHT: Final = {
    "write an offer": 3,
    "open a link": 1,
    "pay": 9,
    "send the form again": 0.7,
    "go on": 16,
    "look": 0.5,
    "leave": 0.5,
    "change an offer": 1.2,
    "book": 12,
    "book a part": 5,
    "cancel": 4,
    "refund": 4,
    "close": 20,
    "decide": 4,
    "send a letter again": 1,
    "run a job": 18,
    "do a duty": 0.7,
    "lose the queue": 0.15,
    "let time pass": 1,
}
# In stories with multi-use links, beside these.
LINKS_BY_WEIGHT: Final = {
    "write a multi-use link": 2,
    "open a multi-use link": 5,
    "change a multi-use link": 1.2,
}
# Those in which a message is sent or a checkpoint is passed, so that something can go wrong.
DANGEROUS: Final = ("pay", "go on", "book", "book a part", "cancel", "refund", "close", "run a job")
MEANWHILE: Final = 0.08  # how likely somebody else acts at each end of a call
TROUBLED: Final = 0.85  # of the steps, in which something may go wrong


class Story:
    """The people of one world, and what they can do."""

    def __init__(self, world: World, terminals: Sequence[Terminal]) -> None:
        self.world = world
        self.merchant_id = terminals[0].merchant_id
        self.merchants = Merchants(world, terminals)
        self.payers = Payers(world)
        self.workers = Workers(world)
        self.made: list[tuple[str, bool]] = []  # the steps, and whether something went wrong in them
        world.somebody_acts = self._act_meanwhile
        self.can: dict[str, Callable[[], bool]] = {
            "write an offer": self._write_offer,
            "open a link": self._open_link,
            "pay": self._pay,
            "send the form again": self.payers.press_again,
            "go on": self.payers.go_on,
            "look": self.payers.look,
            "leave": self.payers.leave,
            "change an offer": self.merchants.change_offer,
            "book": self.merchants.book,
            "book a part": self.merchants.book_part,
            "cancel": self.merchants.cancel,
            "refund": self.merchants.refund,
            "close": self.merchants.close,
            "decide": self.merchants.decide,
            "send a letter again": self.merchants.send_letter_again,
            "run a job": self.workers.run_one,
            "do a duty": self.workers.do_duty,
            "lose the queue": self.workers.lose_queue,
            "let time pass": self._let_time_pass,
        }
        weights: dict[str, float] = dict(STEPS_BY_WEIGHT)
        if world.has_links:
            weights |= LINKS_BY_WEIGHT
            self.can |= {
                "write a multi-use link": self._write_link,
                "open a multi-use link": self._open_multi_use,
                "change a multi-use link": self.merchants.change_link,
            }
        mood = {name: weight * world.chance.choice([0.5, 1, 1, 2]) for name, weight in weights.items()}
        self.mood = mood
        self.favourite = world.chance.choice([*CARDS, *WALLETS])  # of the payers of this story

    def tell(self) -> None:
        """All steps, as chance wants."""
        for _ in range(STEPS):
            self.world.meddle_with_clock()
            self.make_step()
        for name in EVENING:
            self.make_step(name)

    def make_step(self, name: str = "") -> bool:
        """One step, this one or whichever chance wants, with its trouble. False where there was nothing to do."""
        troubled = self.world.chance.random() < TROUBLED
        self.world.trouble = self._trouble() if troubled else Trouble(meanwhile=MEANWHILE)
        for done in [name] if name else self._in_some_order(dangerous_first=troubled):
            if self._act(done):
                self.made.append((done, bool(self.world.trouble.happened)))
                return True
        return False

    def end(self) -> None:
        """Faults end, time passes, and everything that is due is done."""
        self.world.calm_down()
        self.world.tell("from now on nothing goes wrong")
        self._act("close")
        for seconds, duties in UNTIL_THE_END:
            self.world.pass_time(seconds)
            wire.let_arrive()
            Context().run(self.workers.work_off, duties)
        for _ in range(LONGEST_SCHEDULE):
            due = self.workers.next_due()
            if due is None:
                return
            self.world.pass_time(max(1.0, (due - self.world.now).total_seconds()))
            Context().run(self.workers.work_off, EACH_MINUTE[:1])
        raise AssertionError("whatever is asked again comes to an end")

    def _in_some_order(self, *, dangerous_first: bool = False) -> list[str]:
        """All steps; those that this story's mood favours tend to come first."""
        ranks = {name: self.world.chance.random() ** (1 / weight) for name, weight in self.mood.items()}
        order = sorted(ranks, key=ranks.__getitem__, reverse=True)
        return sorted(order, key=lambda name: name not in DANGEROUS) if dangerous_first else order

    def _trouble(self) -> Trouble:
        chance = self.world.chance
        if chance.random() < 0.4:
            return Trouble(dies_after=chance.randint(1, 4), meanwhile=MEANWHILE)
        return Trouble(spoils=chance.choice([0.7, 1.0]), meanwhile=MEANWHILE)

    def _act(self, name: str) -> bool:
        """Did that, or there was nothing of the kind to do."""
        try:
            return Context().run(self._within, self.can[name])
        except Refusal as refusal:
            self.world.tell(f"  refused: {refusal.code}")
        except Died:
            if self.world.depth and self.world.chance.random() < 0.5:
                raise  # they were in one process
            self.world.die()
        return True

    def _act_meanwhile(self) -> None:
        for name in self._in_some_order()[:3]:
            if self._act(name):
                return

    def _within(self, do: Callable[[], bool]) -> bool:
        with within(self.merchant_id):
            return do()

    def _write_offer(self) -> bool:
        return len(self._unpaid_links()) < MOST_LINKS and self.merchants.write_offer()

    def _open_link(self) -> bool:
        links = self._unpaid_links()
        if not links:
            return False
        return self.payers.open_link(self.world.chance.choice(links), self.world.chance.choice(BROWSERS))

    def _write_link(self) -> bool:
        return len(self.merchants.links) < MOST_LINKS and self.merchants.write_link()

    def _open_multi_use(self) -> bool:
        chance, links = self.world.chance, self.merchants.links
        return bool(links) and self.payers.open_multi_use(chance.choice(links), chance.choice(BROWSERS))

    def _unpaid_links(self) -> list[UUID]:
        """As far as anybody has seen."""
        spent = [one.offer for one in self.payers.visits if isinstance(one.seen, step.Paid | step.Closed)]
        return [offer for offer in self.merchants.offers if offer not in spent]

    def _pay(self) -> bool:
        visit = self._visit_with_form()
        if visit is None:
            return False
        chance = self.world.chance
        if chance.random() < 0.4:
            return self.payers.press_pay(visit, self.favourite)
        means = chance.choices(list(CARDS), list(CARDS.values()))[0]
        return self.payers.press_pay(visit, chance.choice(WALLETS) if chance.random() < 0.2 else means)

    def _visit_with_form(self) -> Visit | None:
        """A window that shows the form, or did when it was opened; else a link is opened for it."""
        visits = self.payers.visits
        fitting = [one for one in visits[-6:] if isinstance(one.seen, step.AskMeans)]
        if not fitting and self._open_link() and isinstance(visits[-1].seen, step.AskMeans):
            fitting = visits[-1:]
        if not fitting:
            return None
        return fitting[-1] if self.world.chance.random() < 0.8 else self.world.chance.choice(fitting)

    def _let_time_pass(self) -> bool:
        seconds = self.world.chance.choice(PAUSES)
        self.world.tell(f"{seconds} s pass")
        self.world.pass_time(seconds)
        return True


class Theatre:
    """Where stories are told, one after the other, each from the same beginning."""

    def __init__(self, place: Stage, terminals: Sequence[Terminal]) -> None:
        self.place = place
        self.terminals = terminals

    @contextmanager
    def story(self, seed: int) -> Iterator[Story]:
        """The story of this seed, about to be told."""
        self.place.clear()
        with living(World(seed)) as world:
            yield Story(world, self.terminals)
