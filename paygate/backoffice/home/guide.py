"""The quick guide: from the settings to the evening's batch, in the person's language, with pictures (SPG-QG-01)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.menu import MenuEntry, menu
from paygate.backoffice.pages import page
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.merchants.licence import Feature
from paygate.merchants.roles import Permission

DESK: Final = (1280, 720)  # pixels of a picture taken at a desk
PHONE: Final = (390, 760)  # and of one taken on a phone


@dataclass(frozen=True, slots=True)
class Picture:
    """A screen as it was photographed in each language: at a desk, and once more as a phone shows it."""

    name: str  # of its files: <name>.webp and <name>-phone.webp
    shows: str | Promise
    only_phone: bool = False  # what a buyer sees

    @property
    def files(self) -> dict[str, tuple[int, int]]:
        """Name and size of each of its files."""
        phone = {f"{self.name}-phone.webp": PHONE}
        return phone if self.only_phone else {f"{self.name}.webp": DESK, **phone}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A task: what it is for, its steps, pictures of the screens, and the way there."""

    anchor: str
    title: str | Promise
    text: str | Promise
    steps: tuple[str | Promise, ...] = ()
    statuses: tuple[
        tuple[str, bool, str | Promise], ...
    ] = ()  # of an offer, whether sent, and what that means
    pictures: tuple[Picture, ...] = ()
    route: str = ""  # in the menu; whoever does not find it there is not led there


CHAPTERS: Final = (
    Chapter(
        "settings",
        _("Before the first link"),
        _("Secure PayGate opens as soon as its settings are complete. An owner or a manager does this once."),
        (
            _("Open Secure PayGate, then Settings."),
            _("Say who is told of payments, from which address letters are sent, and where answers go."),
            _("Add your terms and conditions in each language in which you sell, and save."),
            _(
                "Under Settings, Payment page configuration, give the payment page and the letters your logo and"
                " your colour."
            ),
        ),
        pictures=(Picture("settings", _("The settings of Secure PayGate")),),
        route="preferences",
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
        pictures=(Picture("link", _("The form of a new offer")),),
        route="offer_start",
    ),
    Chapter(
        "templates",
        _("Keep what you sell often"),
        _("A template keeps terminal, amount, texts and conditions. A new link then needs a few keystrokes."),
        (
            _("Open Templates and choose Add new template, or Save as template on the page of an offer."),
            _("Leave empty what differs each time."),
            _("Choose Create new link and then the template: the form is filled in already."),
        ),
        pictures=(Picture("templates", _("The start of a new link with two templates")),),
        route="templates",
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
        pictures=(Picture("pass-on", _("The page of an offer with its link and QR code")),),
        route="offers",
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
        pictures=(
            Picture("letter", _("The letter with the amount and the button"), only_phone=True),
            Picture("choose", _("The payment page: how would you like to pay?"), only_phone=True),
            Picture("card", _("The card form"), only_phone=True),
            Picture("bank", _("The question of the bank, here of the test bank"), only_phone=True),
            Picture("paid", _("Paid: the buyer sees it at once"), only_phone=True),
        ),
    ),
    Chapter(
        "multi-use",
        _("One link for many payments"),
        _(
            "A multi-use link is paid by many, each as often as they like: for donations, a tip jar, an entrance fee."
            " Nothing is left to do for you before each payment."
        ),
        (
            _("Open Multi-use links and choose Create new QR code."),
            _(
                "Say what is to be paid. Set the amount, or let the payer choose; suggest amounts if you like."
            ),
            _("Limit it by days, by a number of payments or by a sum, if it is to end by itself."),
            _("Print the QR code as a card or a poster, click it to download it, or pass on the link."),
            _(
                "The page of the link says how often it was paid, and how much that is. The journal has each payment."
            ),
            _("A deleted link takes no payment any more. For six months it can be restored."),
        ),
        pictures=(
            Picture("multi-use", _("The page of a multi-use link with its QR code and what was paid")),
            Picture("amount", _("The payment page of a multi-use link: how much?"), only_phone=True),
        ),
        route="links",
    ),
    Chapter(
        "many-links",
        _("Many links at once"),
        _("A file makes many links: one row, one link. Nothing is created before you confirm."),
        (
            _(
                "Open the overview and choose Create new links by file. The sample files show how the file is made."
            ),
            _("Choose terminal and file. Every row is checked; what is wrong is mended on the page."),
            _("Confirm. You can leave the page while the links are created and their letters go out."),
            _("Download the result: each row with its link, and all QR codes as a ZIP file."),
        ),
        route="offers",
    ),
    Chapter(
        "follow",
        _("Follow your offers"),
        _(
            "The overview shows every offer with its status. Search by description, reference or buyer, or filter."
        ),
        statuses=(
            ("OPEN", False, _("The buyer has not paid yet. The link can be paid.")),
            ("OPEN", True, _("The envelope: the back office has sent the letter to the buyer.")),
            ("PAID", False, _("The payment is in the journal. The link cannot be paid again.")),
            ("EXPIRED", False, _("The deadline has passed. Copy the offer to sell again.")),
            (
                "DISABLED",
                False,
                _("You have taken it back, or its tries are used up. It can be restored until its deadline."),
            ),
        ),
        pictures=(Picture("follow", _("The overview of offers")),),
        route="offers",
    ),
    Chapter(
        "book",
        _("Book the payment"),
        _(
            "After the payment the money is reserved, not yet paid out. It moves when you book it. Until when it is"
            " guaranteed stands in the payment: for cards 10 days, with a pre-authorization 30."
        ),
        (
            _("Open the payment in the journal."),
            _("Choose Book, for the whole amount or for less. What you leave is not taken from the buyer."),
            _(
                "Or choose Cancel: the reservation is released, and the buyer is not charged. What is booked can be"
                " canceled too, until its batch is closed."
            ),
            _(
                "PayGate does not make refunds yet. After the batch close, ask your acquirer to give the money back."
            ),
        ),
        pictures=(
            Picture("book", _("A reservation in the journal, with the buttons to book and to cancel")),
        ),
        route="journal",
    ),
    Chapter(
        "batch",
        _("In the evening"),
        _(
            "Every evening at 22:00, Swiss time, the batch close hands the booked payments of each terminal to your"
            " acquirer, who pays you. Nothing is left to do for you."
        ),
        (
            _("Where a terminal is set to be closed by hand, open its batch and choose Close now."),
            _(
                "If the acquirer refuses a batch, the dashboard says so. Open the batch and choose File again."
            ),
            _("A batch can be downloaded as CSV, for your bookkeeping."),
        ),
        pictures=(Picture("batch", _("The batches, with their totals")),),
        route="periods",
    ),
    Chapter(
        "letters",
        _("Find a letter again"),
        _("Every letter to buyers and to you is kept exactly as it was sent, with its attachments."),
        (
            _("Open Letters, or the letters on the page of an offer or a payment."),
            _(
                "See whether it was sent, and what the mail server answered. A letter that came back says why."
            ),
            _("Read it, or download it as a file. A letter that could not be sent is sent again here."),
        ),
        pictures=(Picture("letters", _("The letters, with how far each of them got")),),
        route="letters",
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
    ),
    Chapter(
        "people",
        _("Work together"),
        _(
            "Invite colleagues under Settings, People. Their role says what they may do; the audit log keeps who did"
            " what."
        ),
        (
            _("Readers only look. Clerks also write offers. Cashiers book, cancel and close batches."),
            _("Managers may do all of that and change the settings. Owners also decide who works here."),
            _("Ask everybody for a second factor: it protects your customers' money."),
        ),
        pictures=(Picture("people", _("The people of a merchant, with their roles")),),
        route="people",
    ),
)


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_safe
def guide(request: Visit) -> HttpResponse:
    """All chapters on one page, to read, to search and to print."""
    at_hand = set(_urls(menu(request)))
    ways = {one.anchor: reverse(f"backoffice:{one.route}") for one in CHAPTERS if one.route}
    return page(
        request,
        "home/guide.html.jinja",
        {
            "chapters": CHAPTERS,
            "pictures": f"backoffice/guide/{ui_language(get_language())}",
            "ways": {anchor: url for anchor, url in ways.items() if url in at_hand},
        },
    )


def _urls(entries: list[MenuEntry]) -> Iterator[str]:
    """Every address of a menu."""
    for entry in entries:
        yield entry.url
        yield from (child.url for child in entry.children)
