"""Rows are read ahead: in a thread beside, while the database writes the batch before."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

Raw = TypeVar("Raw")
Read = TypeVar("Read")


class Ahead(Generic[Raw, Read]):
    """Turns what came from the database into what can be written. The thread itself asks the database nothing."""

    def __init__(self, read: Callable[[Raw], Read]) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="uploads")
        self._next: tuple[int, Future[Read]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, place: int, raw: Raw) -> None:
        """Begin to read what stands at a place."""
        self._next = (place, self._thread.submit(self._read, raw))

    def take(self, place: int, raw: Callable[[], Raw]) -> Read:
        """What stands at a place: read by now, or read here where somebody else worked on meanwhile."""
        ahead, self._next = self._next, None
        if ahead is not None and ahead[0] == place:
            return ahead[1].result()
        return self._read(raw())
