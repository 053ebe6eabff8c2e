"""Django's PostgreSQL backend, which also tells each connection the merchant in context.

Row-level security (walls.py) reads the setting `paygate.tenant`. It is sent once and again only when it changes, so a
request pays at most one small statement for it. A rollback may take it back, so after one it is sent anew.
"""

import select
from time import monotonic
from typing import Any, Final

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from paygate.tenants.context import as_setting

# The product has some hundred statements. Each connection keeps those it has met prepared.
MOST_PREPARED: Final = 500
TRUSTED_SECONDS: Final = 30.0  # a connection used since then is not asked whether it still lives


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows which merchant it was last told."""

    _told: str | None = None
    _checked_at: float = 0.0
    health_check_done: bool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._told, self._checked_at = None, monotonic()
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = MOST_PREPARED
        return connection

    def close_if_health_check_failed(self) -> None:
        """Once a request: is the connection still there? Looked at from here; asked only after a long silence.

        A server that ends, by whatever cause, closes its side, and that can be read here without a question.
        """
        if self.connection is None or self.health_check_done:
            return
        now = monotonic()
        if now - self._checked_at < TRUSTED_SECONDS and not self._has_news():
            self.health_check_done = True
        else:
            super().close_if_health_check_failed()
        self._checked_at = now

    def _has_news(self) -> bool:
        """Does anything wait to be read between two requests? The end of the connection does."""
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))

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

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # the stubs leave Django's own hooks out

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        self._told = None
