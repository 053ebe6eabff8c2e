"""However many payments a link has, its page reads few of them: told by the plans (issue 5, point 10)."""

import pytest
from django.db import connection

from paygate.journal.models import Entry
from tests.cast import Person
from tests.make.journal import reservation
from tests.make.links import a_link
from tests.make.money import chf
from tests.offers.test_rows_read import explained, rows_read

MANY = 20_000
MOST_READ = 100


def copied(entry: Entry, times: int, **other: str) -> None:
    """The same payment so many times more, each a second older than the one before; `other` columns as SQL says."""
    other |= {"transaction_id": f"'{entry.pk}-' || n"}
    columns = [str(field.column) for field in Entry._meta.concrete_fields if field.column != "id"]
    picked = ", ".join(other.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO journal_entry ({', '.join(columns)})"
            f" SELECT {picked} FROM journal_entry, generate_series(1, {times}) AS n WHERE id = {entry.pk}"
        )


@pytest.mark.on_postgresql
@pytest.mark.parametrize("times", [10, MANY])
def test_the_page_of_a_link_reads_few_payments_however_many_there_are(anna: Person, times: int):
    """Of its own, and of others that came later."""
    link = a_link(anna.terminal)
    own, newer = reservation(anna.terminal, chf(5)), reservation(anna.terminal, chf(5))
    Entry.objects.filter(pk=own.pk).update(multi_use_of=str(link.pk))
    copied(own, times - 1, created_at="created_at - n * interval '1 second'")
    copied(newer, MANY, created_at="created_at + n * interval '1 second'")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE journal_entry")
    browser = anna.browser()

    with explained("(ANALYZE, FORMAT JSON)", "journal_entry") as plans:
        assert browser.get(f"/backoffice/links/{link.pk}/").status_code == 200

    assert plans
    assert sum(rows_read(plan[0][0][0]["Plan"]) for _sql, plan in plans) <= MOST_READ
