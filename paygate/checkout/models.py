"""`Session`: what one payer is asked to pay, with its token. `Attempt`: one try."""

from datetime import datetime
from uuid import UUID

from django.db import models

from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.models import Contract
from paygate.aliases.models import Alias
from paygate.cards.models import HeldCardKey
from paygate.checkout.states import BEFORE_MONEY, LIVE, READY_FOR, AttemptState, SessionState
from paygate.journal.models import Entry
from paygate.journal.movements import BY_PAYER
from paygate.lifecycle.moves import in_states
from paygate.links.models import Link
from paygate.merchants.models import Booking, Terminal
from paygate.money.model_fields import Priced
from paygate.offers.models import Offer
from paygate.offers.payable import CLAIM_LASTS
from paygate.tenants.owned import TenantOwned
from paygate.threeds.liability import WhyNot
from paygate.threeds.models import Authentication


class Session(Priced, TenantOwned):
    """One payer in front of one wish. Amount and conditions are copied from their source under its lock (MO-7)."""

    token = models.CharField(max_length=43, unique=True)  # a secret of its own, not the link's (LN-4)
    browser = models.CharField(max_length=64)  # hash of the browser's cookie: whose visit this is
    state = models.CharField(max_length=20, choices=SessionState, default=SessionState.OPEN)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="+")
    # A removed multi-use link is forgotten here; the journal entry keeps its id.
    link = models.ForeignKey(Link, on_delete=models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(
        default=1
    )  # of a session without an offer: raised when its amount changes, so that an open page notices
    reference = models.CharField(max_length=80, blank=True)
    description = models.CharField(max_length=1000)
    booking = models.CharField(max_length=20, choices=Booking)
    condition = models.CharField(max_length=60)
    language = models.CharField(max_length=8)
    payer_email = models.CharField(max_length=254, blank=True)
    notify_emails = models.JSONField(default=list)
    address = models.JSONField(default=dict)  # the payer's, as given by the merchant or on the page
    delivery = models.JSONField(default=dict)  # where the goods go, as given on the page
    asks = models.JSONField(default=list)  # what a session without an offer must have first, see asking.py
    confirm = models.BooleanField(default=True)  # the payer is sent a confirmation
    # The card or wallet is stored with the payment: how its alias is named (keep_card.py); empty: it is not stored.
    keeps = models.JSONField(default=dict)
    initial = models.BooleanField(default=False)  # the first of a series (behaviour.md R-1)
    force_challenge = models.BooleanField(
        default=False
    )  # the issuer is told to ask the payer (behaviour.md G-3)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            *Priced.Meta.constraints,
            in_states(SessionState, "session_state_known"),
            models.UniqueConstraint(
                fields=["merchant", "offer", "browser"],
                condition=models.Q(state=SessionState.OPEN),
                name="one_open_session_per_browser",
            ),
            models.UniqueConstraint(
                fields=["merchant", "link", "browser"],
                condition=models.Q(state=SessionState.OPEN, link__isnull=False),
                name="one_open_visit_per_browser",
            ),
            models.UniqueConstraint(  # SPG-MUF-19
                fields=["merchant", "reference"],
                condition=models.Q(link__isnull=False),
                name="one_reference_per_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"Session {self.pk} {self.state}"


class PageKind(models.TextChoices):
    """Who asks for the money of a program's session."""

    PAGE = "PAGE"  # the payer, on our page
    TRANSACTION = "TRANSACTION"  # the program, after the payer was on our page (behaviour.md D-10 to D-12)
    DIRECT = "DIRECT"  # the program, without a page
    IN_APP = "IN_APP"  # the program, for a payer who goes on in an app of theirs


class ShopPage(TenantOwned):
    """What a program wished for its session besides (behaviour.md F): addresses, methods, looks, and its end."""

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="shop_page")
    success_url = models.CharField(max_length=2000)  # where the payer goes on
    fail_url = models.CharField(max_length=2000)
    abort_url = models.CharField(max_length=2000)
    notify_success = models.CharField(max_length=2000, blank=True)  # called by us, from server to server
    notify_failure = models.CharField(max_length=2000, blank=True)
    methods = models.JSONField(default=list)  # names of methods.py; empty: all the terminal has
    design_id = models.BigIntegerField(null=True)  # None: the default one, if any
    expires_at = models.DateTimeField()  # afterwards no payment begins (behaviour.md D-2)
    kind = models.CharField(max_length=12, choices=PageKind, default=PageKind.PAGE)
    card_until = models.DateTimeField(
        null=True
    )  # until then its card waits in the vault, see waiting_card.py

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=PageKind.values), name="page_kind_known")
        ]

    def __str__(self) -> str:
        return f"page of session {self.session_id}"


class Attempt(Priced, TenantOwned):
    """One try within a session. Its amount is what the issuer and the acquirer are asked for."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attempts")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="+")
    form_id = (
        models.UUIDField()
    )  # made when the form was rendered: a second submit is the same attempt (ID-6)
    state = models.CharField(max_length=20, choices=AttemptState, default=AttemptState.STARTED)
    locks_offer = models.BooleanField(
        default=True
    )  # its offer, and its session; false once it has ended (LK-4)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    held_card = models.OneToOneField(HeldCardKey, on_delete=models.SET_NULL, null=True, related_name="+")
    authentication = models.OneToOneField(
        Authentication, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # What a program's own 3-D Secure server told (behaviour.md G-10), as in told_proof.py; without the value (CD-1).
    told_proof = models.JSONField(default=dict)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="+")
    browser_data = models.JSONField(default=dict)  # what the issuer is told of the browser
    onward_url = models.CharField(max_length=2000, blank=True)  # where the payer goes on at a wallet
    # The acquirer wanted the payer authenticated first: the one automatic second try, with a challenge (OC-13).
    second_try_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="second_try"
    )
    shift_offered = models.BooleanField(default=False)
    refused_because = models.CharField(max_length=40, blank=True)
    do_not_retry = models.BooleanField(default=False)
    begun_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "begun_at"], name="attempts_left_behind")]
        constraints = [
            *Priced.Meta.constraints,
            in_states(AttemptState, "attempt_state_known"),
            models.UniqueConstraint(fields=["merchant", "form_id"], name="one_attempt_per_form"),
            models.UniqueConstraint(
                fields=["merchant", "offer"],
                condition=models.Q(locks_offer=True),
                name="one_live_attempt_per_offer",
            ),
            models.UniqueConstraint(
                fields=["merchant", "session"],
                condition=models.Q(locks_offer=True),
                name="one_live_attempt_per_session",
            ),
            models.UniqueConstraint(
                fields=["merchant", "session"],
                condition=models.Q(state=AttemptState.PAID),
                name="one_payment_per_session",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=LIVE, locks_offer=True)
                | (~models.Q(state__in=LIVE) & models.Q(locks_offer=False)),
                name="attempt_locks_while_live",
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.pk} {self.state}"

    @property
    def packet_id(self) -> UUID:
        """What names the browser's half of the card: a second try goes on with the first one's."""
        first = self.second_try_of or self
        return first.form_id

    @property
    def was_canceled(self) -> bool:
        """Did the payer say no, at the wallet or at the bank? To them that is no decline (safety.md OC-11)."""
        by_payer = (DeclineReason.PAYER_CANCELED.value, WhyNot.ABORTED.value, BY_PAYER)
        return self.state not in LIVE and self.refused_because in by_payer

    @property
    def claim(self) -> str:
        """Its name on the offer it holds."""
        return str(self.form_id)

    def has_lapsed_at(self, now: datetime) -> bool:
        """Is its payer's time over? So long an attempt may take before money is asked for, or its card may wait."""
        if self.is_ready:
            assert self.ready_at is not None
            return now >= self.ready_at + READY_FOR
        return now >= self.begun_at + CLAIM_LASTS

    @property
    def is_ready(self) -> bool:
        """Has the payer done everything, so that a program may ask for the money (behaviour.md D-12)?"""
        return self.state in BEFORE_MONEY and self.ready_at is not None

    def introduce(self, offer: Offer | None) -> None:
        """Let the rows that were read with it know each other, so that none of them is asked for again."""
        session, contract = self.session, self.contract
        terminal, merchant = session.terminal, self.merchant
        terminal.merchant = contract.merchant = session.merchant = merchant
        contract.terminal = terminal
        if offer:
            self.offer = session.offer = offer
        if self.authentication:
            self.authentication.terminal = terminal
        if self.entry:
            self.entry.contract, self.entry.terminal = contract, terminal


class Registration(TenantOwned):
    """What became of a card or wallet that is stored with its payment (behaviour.md O-4). Without one there is none."""

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="registration")
    alias = models.ForeignKey(
        Alias, on_delete=models.SET_NULL, null=True, related_name="+"
    )  # may be forgotten
    name = models.CharField(max_length=40, blank=True)  # of the alias; empty until it is kept
    lifetime = models.PositiveSmallIntegerField(default=0)  # of the alias, in days
    failed_because = models.CharField(max_length=40, blank=True)  # the name of an error of the wire

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"registration in session {self.session_id}"


class CheckKind(models.TextChoices):
    """How a card is looked at before it is stored without a payment (behaviour.md O-6)."""

    NONE = "NONE"
    ONLINE = "ONLINE"  # its bank is asked whether it is good
    ONLINE_STRONG = "ONLINE_STRONG"  # and to look at the payer
    ONLINE_CHALLENGED = "ONLINE_CHALLENGED"  # and must have done so


class CardPage(TenantOwned):
    """A page on which a payer's card or wallet is stored without a payment, for a program (behaviour.md O-5)."""

    token = models.CharField(max_length=43)  # a secret (LN-4)
    # Of the first that sent a card, or went to the wallet.
    browser = models.CharField(max_length=64, blank=True)
    keeps = models.JSONField()  # how the alias is to be named
    check_kind = models.CharField(max_length=20, choices=CheckKind, default=CheckKind.NONE)
    terminal = models.ForeignKey(
        Terminal, on_delete=models.PROTECT, null=True, related_name="+"
    )  # of the check
    methods = models.JSONField(default=list)  # names of methods.py; empty: every card
    asks_holder = models.BooleanField(default=False)
    # Of the wallet that is asked for; None: a card is. See register_wallet.py.
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="+")
    # Our name for the question to the wallet (OC-3).
    request_id = models.CharField(max_length=40, blank=True, default="", db_default="")
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")  # of that question
    asked_at = models.DateTimeField(null=True)  # when its acquirer was asked last what became of it
    # Where the payer goes on at the wallet.
    onward_url = models.CharField(max_length=2000, blank=True, default="", db_default="")
    language = models.CharField(max_length=8)
    success_url = models.CharField(max_length=2000)  # where the payer goes on
    fail_url = models.CharField(max_length=2000)
    abort_url = models.CharField(max_length=2000)
    notify_url = models.CharField(max_length=2000, blank=True)  # called by us when it has ended
    opened_by = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # afterwards no card is taken
    authentication = models.OneToOneField(
        Authentication, on_delete=models.PROTECT, null=True, related_name="+"
    )
    held_card = models.OneToOneField(HeldCardKey, on_delete=models.SET_NULL, null=True, related_name="+")
    card_until = models.DateTimeField(null=True)  # until then the program's card waits in the vault
    authentication_type = models.CharField(
        max_length=40, blank=True
    )  # what 3-D Secure came to, as it is told
    ended_at = models.DateTimeField(null=True)
    alias = models.ForeignKey(
        Alias, on_delete=models.SET_NULL, null=True, related_name="+"
    )  # may be forgotten
    failed_because = models.CharField(max_length=40, blank=True)  # the name of an error of the wire

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["merchant", "token"], name="one_card_page_per_token")]
        indexes = [
            models.Index(
                fields=["opened_at"],
                condition=models.Q(ended_at=None, contract__isnull=False),
                name="wallets_to_ask_about",
            )
        ]

    def __str__(self) -> str:
        return f"card page {self.pk}"

    @property
    def is_at_wallet(self) -> bool:
        """Did the payer go to the wallet, whose answer is not known yet?"""
        return self.ended_at is None and self.onward_url != ""


class BlockedCard(TenantOwned):
    """A card that must not be tried again on a terminal, by its keyed hash (safety.md OC-13)."""

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "terminal", "fingerprint"], name="one_block_per_card_and_terminal"
            )
        ]

    def __str__(self) -> str:
        return f"blocked until {self.until}"
