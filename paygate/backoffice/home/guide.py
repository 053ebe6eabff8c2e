"""The quick guide: from the settings to the evening's batch, in the person's language, with pictures (SPG-QG-01)."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.pages import page
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.merchants.roles import Permission

PICTURE_SIZE: Final = (1280, 720)  # pixels of each picture; the one of the payment page is a phone's
PHONE_SIZE: Final = (390, 760)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A task: what it is for, its steps, a picture of the screen, and the way there."""

    anchor: str  # also the name of its picture
    title: str | Promise
    text: str | Promise
    steps: tuple[str | Promise, ...] = ()
    picture: str | Promise = ""  # what it shows; empty for none
    route: str = ""  # of the back office, without "backoffice:"
    permission: Permission = Permission.SEE_OFFERS  # whoever lacks it is not led there
    is_phone: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return PHONE_SIZE if self.is_phone else PICTURE_SIZE


CHAPTERS: Final = (
    Chapter(
        "settings",
        _("Before the first link"),
        _(
            "Secure PayGate opens as soon as its settings are complete. This is done once, by an owner or manager."
        ),
        (
            _("Open Secure PayGate, then Settings."),
            _("Say who is told of payments, from which address letters are sent, and where answers go."),
            _("Upload your terms and conditions in each language in which you sell, and save."),
        ),
        _("The settings of Secure PayGate"),
        "preferences",
        Permission.SEE_SETTINGS,
    ),
    Chapter(
        "link",
        _("Create a link"),
        _("A payment link is made for one payment: an order by phone, an invoice, a deposit."),
        (
            _("Choose Create new link, then Individual offer or one of your templates."),
            _("Enter amount and description, and your own reference: by it you find the payment again."),
            _(
                "Enter the buyer's e-mail address and choose Save and send offer, or choose Save and pass on the link"
                " yourself."
            ),
            _("All other fields have sensible values. Open the groups below to change them."),
        ),
        _("The form of a new offer, with the letter beside it"),
        "offer_start",
        Permission.EDIT_OFFERS,
    ),
    Chapter(
        "pass-on",
        _("Pass on the link"),
        _("The page of an offer has its link, its QR code and its letters."),
        (
            _("Copy the link into a message of your own, or show or print the QR code."),
            _("Send the offer again when the letter was not found. Each letter says whether it arrived."),
            _("Take the offer back with Disable when it is no longer wanted, or copy it to sell again."),
        ),
        _("The page of an offer with its link and QR code"),
        "offers",
    ),
    Chapter(
        "buyer",
        _("What the buyer sees"),
        _(
            "The letter has the amount, a button and the QR code. Both lead to the payment page, on the phone too."
        ),
        (
            _(
                "The buyer chooses how to pay and enters the card. Your back office never sees the card number."
            ),
            _("The buyer's bank may ask for a confirmation: that is 3-D Secure."),
            _("When it is paid, the buyer is sent a confirmation and you are told by e-mail."),
        ),
        _("The payment page on a phone"),
        is_phone=True,
    ),
    Chapter(
        "follow",
        _("Follow your offers"),
        _(
            "The overview shows every offer with its status. Search by description, reference or buyer, or filter."
        ),
        (
            _("Open: the link can be paid."),
            _("Paid: the payment is in the journal. The link cannot be paid again."),
            _("Expired: the deadline has passed, or disabled: nobody can pay any more."),
        ),
        _("The overview of offers"),
        "offers",
    ),
    Chapter(
        "templates",
        _("Keep what you sell often"),
        _("A template keeps terminal, amount, texts and conditions. A new link then needs a few keystrokes."),
        (
            _("Open Templates and choose Add new template, or Save as template on the page of an offer."),
            _("Leave empty what differs each time."),
        ),
        _("The start of a new link with two templates"),
        "templates",
    ),
    Chapter(
        "book",
        _("Book the payment"),
        _(
            "After the payment the money is reserved, not yet paid out: guaranteed for 10 days, with a"
            " pre-authorization for 30. It moves when you book it."
        ),
        (
            _("Open the payment in the journal."),
            _("Choose Book, for the whole amount or for less."),
            _("Or choose Cancel: the buyer gets the money back. This works until the batch is closed."),
        ),
        _("A reservation in the journal, with the buttons to book and to cancel"),
        "journal",
        Permission.SEE_JOURNAL,
    ),
    Chapter(
        "batch",
        _("In the evening"),
        _(
            "Every evening the batch close hands the booked payments of each terminal to your acquirer, who pays you."
            " Nothing is left to do for you. Afterwards a booked payment can no longer be canceled."
        ),
        (),
        _("The batches, with their totals"),
        "periods",
        Permission.SEE_JOURNAL,
    ),
    Chapter(
        "checking",
        _("When a payment is being checked"),
        _(
            "Sometimes no answer comes from the acquirer. PayGate never guesses: it asks again by itself until it"
            " knows, and the payment stands as pending meanwhile."
        ),
        (
            _("Do not ask the buyer to pay again. PayGate writes to the buyer as soon as it knows."),
            _("What nobody could find out is under To decide: two people decide it together."),
        ),
        route="reviews",
        permission=Permission.SEE_JOURNAL,
    ),
    Chapter(
        "people",
        _("Work together"),
        _(
            "Invite colleagues under Settings, People. Their role says what they may do; the audit log keeps who did"
            " what."
        ),
        (
            _("Clerks write offers, cashiers book payments, readers only look."),
            _("Ask everybody for a second factor: it protects your customers' money."),
        ),
        _("The people of a merchant, with their roles"),
        "people",
        Permission.SEE_PEOPLE,
    ),
)


@doorman(Permission.SEE_OFFERS, before_set_up=True)
@require_safe
def guide(request: Visit) -> HttpResponse:
    """All chapters on one page, to read, to search and to print."""
    language = ui_language(get_language())
    return page(
        request,
        "home/guide.html.jinja",
        {"chapters": CHAPTERS, "guide_language": language, "may": request.actor.permissions},
    )
