"""People in front of browsers: a payer who does not give up, and somebody of the merchant's staff."""

from tests.flows.buyer import MASTERCARD
from tests.flows.page import Page
from tests.processes.judge import Link
from tests.processes.town import Town
from tests.processes.wire import WebBuyer

PATIENCE = 60  # looks at the page
HOW_MUCH = "49.90"  # who is asked that


def pay_in_the_end(town: Town, carla: WebBuyer, link: Link) -> None:
    """Do what the page asks for, as often as it asks, and look again later where it says so, until it is paid."""
    for _ in range(PATIENCE):
        carla.open(link["path"])
        if next_step(carla) == "paid":
            return
        if carla.step == "wait":
            town.let_pass(30)
            town.until_idle()
    raise AssertionError(f"never paid: {carla.step}, {carla.page.words}")


def next_step(carla: WebBuyer, card: str = MASTERCARD, *, email: str = "carla@example.org") -> str:
    """Do what the page in front of her asks for. The step she sees then."""
    match carla.step:
        case "amount" if "data-paid-before" in carla.page.html:
            return "paid"  # the link would take another payment, and nobody makes that by mistake
        case "amount":
            carla.say_how_much(HOW_MUCH, email=email)
            return next_step(carla, card) if carla.step != "amount" else carla.step
        case "choose" | "card":
            carla.pay_by_card(card)
        case "wait":
            carla.carry_on()
        case _:
            pass
    if carla.step == "challenge":
        at_the_bank(carla)
    return carla.step


def at_the_bank(carla: WebBuyer) -> Page:
    """Approve there; a bank that was told before asks nothing, and sends her back."""
    carla.to_bank()
    if carla.page.has("data-action"):
        return carla.press("approve")
    return carla.come_back()


def signed_in(town: Town, link: Link, port: int) -> WebBuyer:
    """Anna of this link's merchant, in her browser."""
    anna = town.buyer(port)
    known = town.steward.ask("person", customer=link["customer"])
    anna.open("/account/login/")
    anna.send(anna.page.forms[0], login=known["email"], password=known["password"])
    return anna
