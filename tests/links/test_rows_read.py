"""However many payments a link has, its page reads few of them: told by the plans (issue 5, point 10)."""

import pytest
from django.db import connection

from paygate.journal.models import Entry
from paygate.links.models import Link
from tests.make.journal import reservation
from tests.make.links import a_link
from tests.make.money import chf
from tests.offers.test_rows_read import explained, rows_read

MANY = 20_000
MOST_READ = 100


def paid(link: Link, times: int) -> None:
    """As many payments of it as that: copies of one, each with an id of its own."""
    one = reservation(link.terminal, chf(5))
    Entry.objects.filter(pk=one.pk).update(multi_use_of=str(link.pk))
    columns = [field.column for field in Entry._meta.concrete_fields if field.column != "id"]
    other = {"transaction_id": "'copy' || n", "created_at": "created_at - n * interval '1 second'"}
    picked = ", ".join(other.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO journal_entry ({', '.join(columns)})"
            f" SELECT {picked} FROM journal_entry, generate_series(2, {times}) AS n WHERE id = {one.pk}"
        )
        cursor.execute("ANALYZE journal_entry")


@pytest.mark.on_postgresql
@pytest.mark.parametrize("times", [10, MANY])
def test_the_page_of_a_link_reads_few_of_its_payments(anna, times):
    link = a_link(anna.terminal)
    paid(link, times)
    assert Entry.objects.filter(multi_use_of=str(link.pk)).count() == times
    browser = anna.browser()

    with explained("(ANALYZE, FORMAT JSON)", "journal_entry") as plans:
        assert browser.get(f"/backoffice/links/{link.pk}/").status_code == 200

    assert plans
    assert sum(rows_read(plan[0][0][0]["Plan"]) for _sql, plan in plans) <= MOST_READ
