"""Send work from several threads, as fast as it is answered or at a given rate, and measure how long each took."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Work = Callable[[], None]


@dataclass
class Round:
    """What one round gave."""

    seconds: float
    latencies: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        """How many a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Of the latencies, in seconds."""
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


def flat_out(workers: list[Work], seconds: float) -> Round:
    """Each worker begins anew as soon as it has done."""
    end = time.monotonic() + seconds

    def starts() -> Iterator[float]:
        while (now := time.monotonic()) < end:
            yield now

    return _run(workers, [starts() for _ in workers])


def at_rate(workers: list[Work], rate: float, seconds: float) -> Round:
    """Work arrives evenly, whether or not the server keeps up; who has to wait for a free worker, waits measurably."""
    begun = time.monotonic()
    lock, arrivals = threading.Lock(), iter(range(int(rate * seconds)))

    def starts() -> Iterator[float]:
        while True:
            with lock:
                number = next(arrivals, None)
            if number is None:
                return
            due = begun + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            yield due

    return _run(workers, [starts() for _ in workers])


def _run(workers: list[Work], schedules: list[Iterator[float]]) -> Round:
    latencies: list[float] = []
    failures: list[BaseException] = []

    def run(work: Work, starts: Iterator[float]) -> None:
        own: list[float] = []
        try:
            for start in starts:
                work()
                own.append(time.monotonic() - start)
        except BaseException as failure:
            failures.append(failure)
        latencies.extend(own)

    threads = [
        threading.Thread(target=run, args=pair, daemon=True) for pair in zip(workers, schedules, strict=True)
    ]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Round(time.monotonic() - begun, latencies)
