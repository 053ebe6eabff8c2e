"""Which methods a terminal offers, and which contract serves a card."""

import pytest
from django.db import IntegrityError, transaction

from paygate.acquiring.choose import (
    NoContract,
    contract_for_brand,
    contracts_for,
    currencies_of,
    terminal_ref,
)
from paygate.acquiring.connector import TerminalRef
from paygate.acquiring.models import Contract
from paygate.acquiring.registry import KINDS, ConnectorKind, WrongWorld, connector_for
from paygate.acquiring.simulator.connector import SimulatorConnector
from paygate.merchants.models import Terminal
from paygate.refusals import Kind
from paygate.tenants.context import NoTenant, within
from paygate.tenants.models import Merchant
from tests.acquiring.conftest import sign


def test_a_method_whose_contract_lacks_the_currency_is_not_offered(terminal):
    sign(terminal, "MASTERCARD", "CHF")
    sign(terminal, "VISA", "CHF", "EUR")

    assert [contract.method for contract in contracts_for(terminal, "EUR")] == ["VISA"]
    assert [contract.method for contract in contracts_for(terminal, "CHF")] == ["VISA", "MASTERCARD"]


def test_a_contract_that_ended_is_not_offered(terminal):
    sign(terminal, "VISA", "CHF", active=False)

    assert contracts_for(terminal, "CHF") == []
    assert currencies_of(terminal) == []


def test_a_method_is_not_offered_in_a_currency_it_does_not_know(terminal):
    sign(terminal, "TWINT", "CHF", "EUR")

    assert contracts_for(terminal, "EUR") == []


def test_the_currencies_of_a_terminal_are_those_of_its_contracts(terminal):
    sign(terminal, "VISA", "EUR", "CHF")
    sign(terminal, "AMEX", "USD", "CHF")
    sign(terminal, "TWINT", "CHF", "EUR")

    assert currencies_of(terminal) == ["CHF", "EUR", "USD"]


def test_another_terminal_has_contracts_of_its_own(terminal):
    sign(terminal, "VISA", "CHF")
    other = Terminal.objects.create(merchant_id=terminal.merchant_id, number="17795279", kind="SPG")

    assert contracts_for(other, "CHF") == []


def test_a_card_is_served_by_the_contract_of_its_brand(terminal):
    sign(terminal, "MASTERCARD", "CHF")
    visa = sign(terminal, "VISA", "CHF")

    assert contract_for_brand(terminal, "VISA", "CHF") == visa


@pytest.mark.parametrize(("brand", "currency"), [("AMEX", "CHF"), ("VISA", "EUR")])
def test_a_card_without_a_contract_is_refused_beside_its_number(terminal, brand, currency):
    sign(terminal, "VISA", "CHF")

    with pytest.raises(NoContract, match="not accepted here") as refused:
        contract_for_brand(terminal, brand, currency)

    assert (refused.value.field, refused.value.kind) == ("number", Kind.INVALID)


def test_a_method_exists_once_per_terminal(terminal):
    sign(terminal, "VISA", "CHF")

    with transaction.atomic(), pytest.raises(IntegrityError):
        sign(terminal, "VISA", "EUR")


def test_contracts_of_others_are_out_of_sight(terminal):
    sign(terminal, "VISA", "CHF")
    stranger = Merchant.objects.create(
        customer_id="245295", name="Gasthof Krone", created_at=terminal.merchant.created_at
    )

    with within(stranger.pk):
        assert not Contract.objects.exists()


@pytest.mark.django_db
def test_without_a_merchant_in_context_nothing_is_read():
    with pytest.raises(NoTenant):
        Contract.objects.count()


def test_the_acquirer_knows_the_terminal_by_the_contract(terminal):
    assert terminal_ref(sign(terminal, "VISA", "CHF")) == TerminalRef("17795278", "MID-1", "")


def test_a_contract_names_its_connector(terminal):
    assert isinstance(connector_for(sign(terminal, "VISA", "CHF")), SimulatorConnector)


def test_a_test_merchant_never_reaches_a_live_acquirer(terminal, monkeypatch):
    monkeypatch.setitem(KINDS, "real", ConnectorKind(make=SimulatorConnector, live=True))
    contract = sign(terminal, "VISA", "CHF")
    contract.connector = "real"

    with pytest.raises(WrongWorld):
        connector_for(contract)


def test_a_live_merchant_never_reaches_the_simulator(terminal):
    """safety.md TN-7, TE-1: not even where it is on, in this process or in one of its own."""
    contract = sign(terminal, "VISA", "CHF")
    contract.merchant.live = True

    with pytest.raises(WrongWorld):
        connector_for(contract)


def test_the_simulator_is_not_reached_where_it_is_switched_off(terminal, settings):
    settings.PAYGATE_SIMULATOR = False

    with pytest.raises(WrongWorld):
        connector_for(sign(terminal, "VISA", "CHF"))
