"""Stored cards and wallets: insert by page, assert, insert directly, update, delete, inquire (behaviour.md O)."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from paygate.acquiring.choose import contract_for_wallet
from paygate.aliases import find, store
from paygate.aliases.find import AliasUnknown
from paygate.aliases.models import Alias
from paygate.aliases.store import AliasTaken, AliasWish
from paygate.aliases.vault import NotKept, Shown
from paygate.api.authentication import Caller, TooManyCalls
from paygate.api.error_names import WireError
from paygate.api.payment.alias_containers import (
    alias_info,
    authentication_told,
    card_told,
    means_behind,
    proof_told,
    wish_told,
)
from paygate.api.payment.call import Task
from paygate.api.payment.containers import wire_time
from paygate.api.payment.payment_page import STILL_RUNNING
from paygate.api.told import language_told, refuse_unserved, ways_back
from paygate.api.validation import invalid
from paygate.api.wire.alias import (
    AliasAssertInsertRequest,
    AliasAssertInsertResponse,
    AliasDeleteRequest,
    AliasDeleteResponse,
    AliasInquireRequest,
    AliasInquireResponse,
    AliasInsertDirectRequest,
    AliasInsertDirectResponse,
    AliasInsertRequest,
    AliasInsertResponse,
    AliasUpdateRequest,
    AliasUpdateResponse,
)
from paygate.api.wire.means import AliasInsertDirectPaymentMeans, InsertAliasSupportingPaymentMeans
from paygate.api.wire.options import RegisterAlias
from paygate.api.wire.results import AliasInsertCheckResult, Redirect
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.cards.number import Card, CardRefused, Expiry
from paygate.checkout import card_strong, register
from paygate.checkout.card_check import CardCheckFailed, NotChecked, check_online
from paygate.checkout.models import CardPage, CheckKind
from paygate.checkout.shop_pages import PROGRAM
from paygate.languages import DEFAULT_LANGUAGE
from paygate.limits.count import hit, hits_so_far, is_too_many
from paygate.methods import METHODS
from paygate.threeds.liability import AuthenticationType

ASSERTED_FOR: Final = timedelta(hours=24)  # behaviour.md D-3
# Who tries out cards through a program is stopped as on a payment page (safety.md CT-3, section 11: address).
REFUSED_CARDS: Final = ((10, timedelta(minutes=10)), (30, timedelta(days=1)))

_CARD: Final = "CARD"
_WALLETS: Final = ("TWINT", "POSTFINANCEPAY")


def insert(caller: Caller, asked: AliasInsertRequest, task: Task) -> AliasInsertResponse:
    """A page on which the payer enters a card, without its code (behaviour.md D-16), or is led to a wallet.

    A card that the program tells is stored at once, or waits for a payer whose bank has to be asked; `AssertInsert`
    tells in each case what became of it.
    """
    is_wallet = asked.type in _WALLETS
    refuse_unserved({f"Type {asked.type}": asked.type != _CARD and not is_wallet})
    refuse_unserved({f"Check of {asked.type}": is_wallet and asked.check})
    if is_wallet and asked.payment_means:
        raise invalid("PaymentMeans", "A wallet is told by its payer alone.")
    card = _card_told(caller, asked.payment_means, now=task.now)
    wish = _wish(caller, asked.register_alias, task.now)
    note = asked.notification
    success, fail, abort = ways_back(asked.return_url, asked.return_urls)
    page = register.open_card_page(
        caller.merchant,
        register.CardWish(
            keeps=wish,
            language=language_told(asked.language_code, DEFAULT_LANGUAGE),
            success_url=success,
            fail_url=fail,
            abort_url=abort,
            notify_url=(note.notify_url if note else None) or "",
            check=CheckKind(asked.check.type) if asked.check else CheckKind.NONE,
            terminal=caller.terminal(asked.check.terminal_id) if asked.check else None,
            methods=_brands(asked.payment_methods or []),
            asks_holder=bool(asked.card_form and asked.card_form.holder_name == "MANDATORY"),
            contract=contract_for_wallet(caller.merchant.pk, asked.type) if is_wallet else None,
        ),
        by=caller.actor.name,
        now=task.now,
    )
    if card:
        _put(caller, page, card, now=task.now)
    is_needed = page.ended_at is None
    redirect = Redirect(
        redirect_url=register.address_of(page, caller.merchant),
        payment_means_required=card is None and not is_wallet,
    )
    return AliasInsertResponse(
        response_header=task.header,
        token=page.token,
        expiration=wire_time(page.expires_at),
        redirect_required=is_needed,
        redirect=redirect if is_needed else None,
    )


def assert_insert(caller: Caller, asked: AliasAssertInsertRequest, task: Task) -> AliasAssertInsertResponse:
    """What became of the page. Reading changes nothing."""
    page = register.page_behind(asked.token)
    if page is None:
        raise WireError("TOKEN_INVALID")
    if task.now > page.opened_at + ASSERTED_FOR:
        raise WireError("TOKEN_EXPIRED")
    if page.failed_because:
        raise WireError(page.failed_because)
    if page.is_at_wallet:
        raise WireError("TRANSACTION_IN_WRONG_STATE", message=STILL_RUNNING)
    if page.ended_at is None:
        raise WireError("TRANSACTION_NOT_STARTED")
    alias = page.alias
    if alias is None or alias.expires_at <= task.now:
        raise WireError("ALIAS_INVALID")  # it was deleted since
    return AliasAssertInsertResponse(
        response_header=task.header,
        alias=alias_info(alias),
        payment_means=means_behind(alias, _shown(alias, task.now)),
        check_result=_checked(page.check_kind != CheckKind.NONE, page.authentication_type),
    )


def insert_direct(caller: Caller, asked: AliasInsertDirectRequest, task: Task) -> AliasInsertDirectResponse:
    """Store a card that the program has. Its code is used for the check and kept nowhere."""
    refuse_unserved({"IssuerReference": asked.issuer_reference})
    external = asked.external_three_ds
    if (external is not None) != bool(asked.check and asked.check.type == CheckKind.ONLINE_STRONG):
        raise invalid("ExternalThreeDS", "It belongs to Check.Type ONLINE_STRONG, which needs it.")
    if task.errand.about:  # by a run of this request that was interrupted
        alias = Alias.objects.select_related("merchant").filter(pk=task.errand.about).first()
        if alias is None:
            raise WireError("ALIAS_INVALID")  # and deleted since
    else:
        wish = _wish(caller, asked.register_alias, task.now)
        card = card_told(caller.merchant, asked.payment_means, now=task.now)
        terminal = caller.terminal(asked.check.terminal_id) if asked.check else None
        if terminal:
            _require_few_refused(caller, task.now)
            proof = proof_told(external, card) if external else None
            try:
                check_online(card, terminal, proof=proof, now=task.now)
            except CardCheckFailed as no:
                _count_refused(caller, task.now)
                raise WireError(no.code) from no
            except NotChecked as doubt:
                raise WireError(doubt.code) from doubt
        try:
            with transaction.atomic():
                alias = store.store(
                    card, wish, merchant_id=caller.merchant.pk, by=caller.actor.name, now=task.now
                )
                task.errand.note(str(alias.pk))
                _put_down(Action.CARD_STORED, alias, caller, task)
        except AliasTaken as taken:
            raise WireError("ALIAS_INVALID", "RegisterAlias.Id: the alias exists.") from taken
    return AliasInsertDirectResponse(
        response_header=task.header,
        alias=alias_info(alias),
        payment_means=means_behind(alias, _shown(alias, task.now)),
        check_result=_checked(asked.check is not None, authentication_told(external) if external else ""),
    )


def update(caller: Caller, asked: AliasUpdateRequest, task: Task) -> AliasUpdateResponse:
    """Other days, another end of the card (behaviour.md O-8). The wire has no change of a wallet."""
    alias = _alias(caller, asked.update_alias.id, task.now)
    if not alias.is_card:
        raise WireError("PAYMENTMEANS_NOT_SUPPORTED", "A wallet has no expiry date that could be changed.")
    card = asked.update_payment_means.card
    try:
        expiry = Expiry.of(month=card.exp_month, year=card.exp_year, now=task.now)
    except CardRefused as refused:
        raise invalid("UpdatePaymentMeans.Card.ExpYear", str(refused)) from refused
    with transaction.atomic():
        store.change(alias, lifetime=asked.update_alias.lifetime, expiry=expiry, now=task.now)
        _put_down(Action.STORED_CARD_CHANGED, alias, caller, task)
    return AliasUpdateResponse(
        response_header=task.header,
        alias=alias_info(alias),
        payment_means=means_behind(alias, _shown(alias, task.now)),
    )


def delete(caller: Caller, asked: AliasDeleteRequest, task: Task) -> AliasDeleteResponse:
    """Forget the card or the wallet."""
    alias = _alias(caller, asked.alias_id, task.now)
    with transaction.atomic():
        _put_down(Action.CARD_FORGOTTEN, alias, caller, task)
        store.remove(alias)
    return AliasDeleteResponse(response_header=task.header)


def inquire(caller: Caller, asked: AliasInquireRequest, task: Task) -> AliasInquireResponse:
    """What is known of an alias; a number is told masked, and nothing that pays."""
    alias = _alias(caller, asked.alias_id, task.now)
    return AliasInquireResponse(
        response_header=task.header,
        alias=alias_info(alias),
        payment_means=means_behind(alias, _shown(alias, task.now)),
    )


def _card_told(
    caller: Caller, told: InsertAliasSupportingPaymentMeans | None, *, now: datetime
) -> Card | None:
    if told is None or (told.card is None and told.saferpay_fields is None):
        return None
    if told.saferpay_fields:
        raise WireError("PAYMENTMEANS_NOT_SUPPORTED")
    return card_told(caller.merchant, AliasInsertDirectPaymentMeans(card=told.card), now=now)


def _put(caller: Caller, page: CardPage, card: Card, *, now: datetime) -> None:
    """The page ends at once, or its payer is needed. Cards cannot be tried out here either (safety.md CT-3)."""
    if card_strong.is_strong(page):
        register.bring_card(page, card, now=now)
        return
    if page.terminal:
        _require_few_refused(caller, now)
    try:
        register.take(page, card, browser=PROGRAM, now=now)
    except NotChecked as doubt:
        raise WireError(doubt.code) from doubt
    page.refresh_from_db()
    if page.failed_because == CardCheckFailed.code:
        _count_refused(caller, now)


def _wish(caller: Caller, told: RegisterAlias, now: datetime) -> AliasWish:
    """Raises `ALIAS_INVALID` at once for a name that is taken (behaviour.md O-2)."""
    wish = wish_told(caller, told)
    assert wish is not None, "RegisterAlias is mandatory in these calls"
    if wish.name and store.is_taken(wish.name, merchant_id=caller.merchant.pk, now=now):
        raise WireError("ALIAS_INVALID", "RegisterAlias.Id: the alias exists.")
    return wish


def _alias(caller: Caller, name: str, now: datetime) -> Alias:
    """Unknown, foreign and forgotten ones answer the same."""
    try:
        alias = find.usable(caller.merchant.pk, name, now=now)
    except AliasUnknown as unknown:
        raise WireError("ALIAS_INVALID") from unknown
    alias.merchant = caller.merchant
    return alias


def _shown(alias: Alias, now: datetime) -> Shown | None:
    """What may be told of a card; None for a wallet."""
    if not alias.is_card:
        return None
    try:
        return find.shown(alias, now=now)
    except NotKept:  # deleted in this moment
        raise WireError("ALIAS_INVALID") from None


def _brands(told: list[str]) -> tuple[str, ...]:
    """Unknown ones are ignored (behaviour.md F-1); none known: every card."""
    if _CARD in told:
        return ()
    return tuple(name for name, method in METHODS.items() if method.is_card and method.wire_name in told)


def _checked(was: bool, authentication_type: str = "") -> AliasInsertCheckResult | None:
    """What came of the check; `authentication_type`: what 3-D Secure came to."""
    if not was:
        return None
    told: dict[str, object] = {"Result": "OK"}
    if authentication_type:
        recognised = authentication_type in (AuthenticationType.STRONG, AuthenticationType.FRICTIONLESS)
        told["Authentication"] = {"Authenticated": recognised, "AuthenticationType": authentication_type}
    return AliasInsertCheckResult.model_validate(told)


def _count_refused(caller: Caller, now: datetime) -> None:
    for _most, per in REFUSED_CARDS:
        hit(_refused_by(caller, per), per=per, now=now)


def _require_few_refused(caller: Caller, now: datetime) -> None:
    """Raises `TooManyCalls` where so many cards were refused that somebody seems to try them out."""
    for most, per in REFUSED_CARDS:
        if is_too_many(hits_so_far(_refused_by(caller, per), per=per, now=now) + 1, most):
            raise TooManyCalls


def _refused_by(caller: Caller, per: timedelta) -> str:
    return f"api:refused cards {per} {caller.credential.pk}"


def _put_down(action: Action, alias: Alias, caller: Caller, task: Task) -> None:
    record(
        action,
        merchant_id=caller.merchant.pk,
        by=caller.actor.name,
        subject=f"alias:{alias.name}",
        detail={"card" if alias.is_card else "wallet": alias.shown_as},
        now=task.now,
    )
