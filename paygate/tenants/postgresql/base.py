"""Django's PostgreSQL backend, which also tells each connection the merchant in context.

Row-level security (walls.py) reads the setting `paygate.tenant`. It is sent once and again only when it changes, so a
request pays one small statement for it. A rollback may take it back, so after one it is sent anew.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from paygate.tenants.context import as_setting


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows which merchant it was last told."""

    _told: str | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._told = None
        return super().get_new_connection(conn_params)

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
