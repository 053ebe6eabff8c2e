"""The columns behind an amount."""

import pytest
from django.db import IntegrityError, connection, models
from django.test.utils import isolate_apps

from paygate.money.amount import Money
from paygate.money.model_fields import ExponentChanged, Priced, columns


@pytest.fixture
def line():
    """A model with an amount, and its table."""
    with isolate_apps("paygate.tenants"):

        class Line(Priced):
            name = models.CharField(max_length=10)

            class Meta(Priced.Meta):
                app_label = "tenants"

            def __str__(self) -> str:
                return self.name

        with connection.schema_editor() as editor:
            editor.create_model(Line)
        yield Line
        with connection.schema_editor() as editor:
            editor.delete_model(Line)


@pytest.mark.parametrize(
    ("money", "stored"),
    [
        (Money(4990, "CHF"), {"amount_minor": 4990, "currency": "CHF", "exponent": 2}),
        (Money(500, "JPY"), {"amount_minor": 500, "currency": "JPY", "exponent": 0}),
        (Money(1234, "KWD"), {"amount_minor": 1234, "currency": "KWD", "exponent": 3}),
    ],
)
def test_an_amount_has_three_columns(money: Money, stored: dict[str, int | str]) -> None:
    assert columns(money) == stored


@pytest.mark.django_db(transaction=True)
def test_an_amount_comes_back_as_it_was_stored(line) -> None:
    for money in (Money(4990, "CHF"), Money(1, "JPY"), Money(999_999_999_999, "KWD")):
        row = line.objects.create(**columns(money))

        assert line.objects.get(pk=row.pk).amount == money


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("minor", [0, -1])
def test_the_database_refuses_an_amount_of_nothing(line, minor: int) -> None:
    with pytest.raises(IntegrityError, match="tenants_line_amount_positive"):
        line.objects.create(**columns(Money(minor, "CHF")))


@pytest.mark.django_db(transaction=True)
def test_an_amount_with_other_digits_than_its_currency_is_not_shown(line) -> None:
    row = line.objects.create(amount_minor=4990, currency="CHF", exponent=0)

    with pytest.raises(ExponentChanged):
        _ = row.amount
