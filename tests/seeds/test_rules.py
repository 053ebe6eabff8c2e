"""The same people and the same steps as a state machine: hypothesis chooses them, and shortens what fails."""

from contextlib import ExitStack
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.seeds.extent import EXAMPLES, SOAK, STEPS
from tests.seeds.judge import wrong
from tests.seeds.story import STEPS_BY_WEIGHT, Theatre

pytestmark = pytest.mark.on_sqlite


class Shop(RuleBasedStateMachine):
    """One story, told step by step."""

    theatre: ClassVar[Theatre]

    def __init__(self) -> None:
        super().__init__()
        self.world = ExitStack()
        self.story = self.world.enter_context(self.theatre.story(0))

    @rule(name=st.sampled_from(list(STEPS_BY_WEIGHT)), chance=st.integers(0, 2**32))
    def step(self, name: str, chance: int) -> None:
        """Whoever can do it does, and what is chance in it is `chance`."""
        self.story.world.chance.seed(chance)
        self.story.make_step(name)

    def teardown(self) -> None:
        """Every story ends well."""
        with self.world:
            self.story.end()
            found = wrong(self.story)
            assert not found, "\n".join([*self.story.world.told, "", *found])


@pytest.mark.timeout(1800 if SOAK else 300)
def test_in_whatever_order_the_books_are_right(theatre):
    Shop.theatre = theatre
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not SOAK,
            suppress_health_check=list(HealthCheck),
        ),
    )
