"""Hundreds of stories by chance, each of them judged at its end (safety.md TE-5)."""

import os
from collections import Counter

import pytest

from tests.seeds.extent import AT_ONCE, KEPT, ONE, SEEDS
from tests.seeds.judge import wrong
from tests.seeds.reached import UNREACHABLE, Tally, missed, of_this_story
from tests.seeds.story import Theatre

# What differs between the databases is told of elsewhere, by many at the same time.
pytestmark = pytest.mark.on_sqlite

PARTS = range(0, SEEDS, AT_ONCE)


def told(seed: int, theatre: Theatre) -> Counter[str]:
    """The story of a seed, judged at its end. What it reached, and how many of its steps went wrong."""
    with theatre.story(seed) as story:
        try:
            story.tell()
            story.end()
            seen = of_this_story()
            found = wrong(story)
        except Exception:
            print(f"make seeds SEED={seed}", *story.world.told, sep="\n")
            raise
        lines = "\n".join([f"make seeds SEED={seed}", *story.world.told, "", *found])
        assert not found, lines
        if ONE:
            print(lines)
    return seen + Counter(steps=len(story.made), troubled=sum(troubled for _, troubled in story.made))


@pytest.mark.parametrize("first", [int(ONE)] if ONE else PARTS)
@pytest.mark.timeout(600)
def test_whatever_happens_the_books_are_right(first, theatre, tmp_path_factory):
    seen: Counter[str] = Counter()
    for seed in range(first, first + (1 if ONE else AT_ONCE)):
        seen += told(seed, theatre)

    own = tmp_path_factory.getbasetemp()  # of this process; its parent is the run's, where there are several
    tally = Tally((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "seeds")
    tally.note(first, seen)
    everything = tally.of_all(len(PARTS))
    if everything is not None:  # whoever is last looks at what all have reached together
        assert_nothing_is_missed(everything)


@pytest.mark.parametrize("seed", KEPT, ids=KEPT.values())
def test_what_failed_once(seed, theatre):
    told(seed, theatre)


def test_the_same_seed_tells_the_same_story(theatre):
    stories = []
    for _ in range(2):
        with theatre.story(4711) as story:
            story.tell()
            story.end()
            stories.append(story.world.told)

    assert stories[0] == stories[1]
    assert len(stories[0]) > 40


def assert_nothing_is_missed(seen: Counter[str]) -> None:
    steps, troubled = seen.pop("steps"), seen.pop("troubled")
    print(f"{steps} steps, {troubled / steps:.0%} of them with a fault or a crash")
    print(*sorted(f"{count:>7} {move}" for move, count in seen.items()), sep="\n")
    assert troubled >= 0.3 * steps
    assert missed(seen) == set()
    assert not set(UNREACHABLE) & set(seen), "it can be reached after all"
