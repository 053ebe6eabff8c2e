"""Django's PostgreSQL backend, which also tells each connection the merchant in context.

Row-level security (walls.py) reads the setting `paygate.tenant`. It is sent once and again only when it changes, so a
request pays at most one small statement for it. A rollback may take it back, so after one it is sent anew.

The threads of a web worker share connections (operations/web_workers.py): a request holds one only while it works with
the database, not while it waits for an acquirer or a bank, so that there may be many more of these than connections.
"""

import select
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from paygate.tenants.context import as_setting

# The product has some hundred statements. Each connection keeps those it has met prepared.
MOST_PREPARED: Final = 500
TRUSTED_SECONDS: Final = 30.0  # a connection used since then is not asked whether it still lives

# What a shared connection was told and when it was seen alive, while no thread has it.
_put_back: WeakKeyDictionary["Connection[Any]", tuple[str | None, float]] = WeakKeyDictionary()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows which merchant it was last told."""

    _told: str | None = None
    _checked_at: float = 0.0
    health_check_done: bool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        while True:
            connection = super().get_new_connection(conn_params)
            self._told, self._checked_at = _put_back.pop(connection, (None, monotonic()))
            if _is_alive(connection, self._checked_at):
                connection.prepared_max = MOST_PREPARED
                return connection
            connection.close()
            self.pool.putconn(connection)  # which makes another one in its place

    def _close(self) -> None:
        if self.pool and self.connection is not None:
            idle = self.connection.info.transaction_status == TransactionStatus.IDLE
            _put_back[self.connection] = self._told if idle else None, monotonic()
        super()._close()  # type: ignore[misc]  # the stubs leave Django's own hooks out

    def close_if_health_check_failed(self) -> None:
        """Once a request: is the connection still there? Looked at from here; asked only after a long silence.

        A server that ends, by whatever cause, closes its side, and that can be read here without a question.
        """
        if self.connection is None or self.health_check_done:
            return
        now = monotonic()
        if now - self._checked_at < TRUSTED_SECONDS and not _has_news(self.connection):
            self.health_check_done = True
        else:
            super().close_if_health_check_failed()
        self._checked_at = now

    def create_cursor(self, name: str | None = None) -> Any:
        self._tell()
        return super().create_cursor(name)

    def _tell(self) -> None:
        wanted = as_setting()
        if wanted == self._told or self.connection.info.transaction_status == TransactionStatus.INERROR:
            return
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('paygate.tenant', %s, false)", [wanted])
        self._told = wanted

    def _commit(self) -> None:
        # PostgreSQL ends a transaction that met an error with a rollback, and says nothing.
        if self.connection and self.connection.info.transaction_status == TransactionStatus.INERROR:
            self._told = None
        super()._commit()  # type: ignore[misc]  # as below

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # the stubs leave Django's own hooks out

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        self._told = None


def _is_alive(connection: "Connection[Any]", checked_at: float) -> bool:
    """Asked only after a long silence, as with a connection of one thread's own."""
    try:
        if monotonic() - checked_at < TRUSTED_SECONDS:
            return not _has_news(connection)
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True


def _has_news(connection: "Connection[Any]") -> bool:
    """Does anything wait to be read between two requests? The end of the connection does."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
