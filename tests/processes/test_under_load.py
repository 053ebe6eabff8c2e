"""Processes and databases die at random under load, and nothing is lost or doubled."""

import time
from random import Random

import pytest

from tests.processes.extent import CHAOS_SECONDS, OUTAGES, SEED
from tests.processes.judge import assert_all_ends_well
from tests.processes.load import Load
from tests.processes.town import Running, Town, wait_for


@pytest.mark.timeout(60 + 10 * CHAOS_SECONDS)
@pytest.mark.parametrize("town", ["postgresql"], indirect=True)
def test_two_web_and_two_job_processes_killed_at_random_lose_and_double_nothing(town, tell):
    random, killed = Random(SEED), 0
    town.keep(webs=0, workers=0)
    webs, workers = [town.web(), town.web()], [town.worker(), town.worker()]
    town.until_ready(*webs)
    load = Load(town, lambda: [web.port for web in webs], payers=4, seed=SEED)
    load.stock(100)

    with load:
        until = time.monotonic() + CHAOS_SECONDS
        while time.monotonic() < until:
            time.sleep(random.uniform(0.5, 2.0))
            kind, begin = random.choice([(webs, town.web), (workers, town.worker)])
            at = random.randrange(len(kind))
            kind[at].kill()
            kind[at] = begin()
            killed += 1
        town.until_ready(*webs)

    start_afresh(town)
    assert_all_ends_well(town)
    assert_everybody_was_told_the_truth(town, load)
    tell.append(
        f"two web and two job processes, seed {SEED}: {killed} killed, {len(load.visits)} payers, {load.paid} paid"
    )


@pytest.mark.timeout(120 + 40 * OUTAGES)
@pytest.mark.parametrize("town", ["postgresql"], indirect=True)
def test_a_database_killed_in_the_middle_of_payments_loses_nothing(town, tell):
    """PostgreSQL itself; web and job processes outlive it and go on by themselves."""
    random, cluster = Random(SEED), town.cluster
    port = town.keep(webs=1, workers=1)[0]
    own = [*town.processes]
    load = Load(town, lambda: [port], payers=3, seed=SEED)
    load.stock(60 * OUTAGES)

    with load:
        for _ in range(OUTAGES):
            time.sleep(random.uniform(1, 3))
            cluster.kill()
            time.sleep(random.uniform(0, 1))
            cluster.start_again()
            recovers(town, own, load)

    start_afresh(town)
    assert_all_ends_well(town)
    assert_everybody_was_told_the_truth(town, load, and_also={503})
    tell.append(f"PostgreSQL killed {OUTAGES} times: {len(load.visits)} payers, {load.paid} paid")


def recovers(town: Town, own: list[Running], load: Load) -> None:
    """The same processes as before take payments and send letters again."""
    before, letters = load.paid, len(town.post.received)
    wait_for(lambda: load.paid > before + 2, "payments after the database came back")
    wait_for(lambda: len(town.post.received) > letters, "letters after the database came back")
    assert all(running.is_alive() for running in own)


def start_afresh(town: Town) -> None:
    """Whoever is left ends, and somebody healthy takes over what they held."""
    town.keep(webs=0, workers=0)
    town.bury()
    town.keep(webs=1, workers=2)


def assert_everybody_was_told_the_truth(
    town: Town, load: Load, *, and_also: frozenset[int] | set[int] = frozenset()
) -> None:
    """Who was told that it is paid has paid; and nobody met with a broken page."""
    assert load.paid >= 5, "this was no load"
    for visit in load.visits:
        assert visit.statuses <= {200, 422} | and_also
        if visit.seen == "paid" and not visit.email:
            assert town.story(visit.link)["offer"] == "PAID"
    for link in load.shared:
        told = {visit.email for visit in load.visits if visit.link is link and visit.seen == "paid"}
        paid = town.steward.ask("many_stories", link=link["id"])["payers"]
        assert len(paid) == len(set(paid)), "somebody paid twice"
        assert told <= set(paid)
