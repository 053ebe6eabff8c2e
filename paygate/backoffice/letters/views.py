"""The archive of letters: list, one letter as its reader sees it, its files, send again."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.backoffice.doorman import doorman
from paygate.backoffice.downloads import file_response
from paygate.backoffice.form_parts import chips
from paygate.backoffice.letters.forms import LetterSearchForm
from paygate.backoffice.letters.words import KINDS, mail_mark, what_sending_again_does
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.visit import Visit
from paygate.lifecycle.moves import MoveRefused
from paygate.mail.archive import for_staff, letter, parts, raw
from paygate.mail.attachments import with_pictures
from paygate.mail.models import Mail
from paygate.mail.outbox import send_again
from paygate.mail.states import MailState
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound

# A letter is somebody's HTML: it gets no scripts, no origin, and nothing from elsewhere.
READING_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


@doorman(Permission.SEE_LETTERS)
@require_safe
def letters(request: Visit) -> HttpResponse:
    """All letters, newest first; copies for the archive address stand with their original."""
    form = LetterSearchForm(request.GET)
    found = _narrowed(form)
    return page(
        request,
        "letters/list.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows_of(request, found, by="queued_at"),
            "mail_mark": mail_mark,
            "kinds": KINDS,
        },
    )


def _narrowed(form: LetterSearchForm) -> QuerySet[Mail]:
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    found = for_staff()
    if MailState.GIVEN_UP not in wish.get("state", ()):
        found = found.filter(copy_of=None)
    if wish.get("q"):
        found = found.filter(Q(recipient__icontains=wish["q"]) | Q(subject__icontains=wish["q"]))
    if wish.get("state"):
        found = found.filter(state__in=wish["state"])
    if wish.get("kind"):
        found = found.filter(kind__in=wish["kind"])
    return found


@doorman(Permission.SEE_LETTERS)
@require_safe
def show(request: Visit, letter_id: UUID) -> HttpResponse:
    """One letter: whom it went to, how far it got, what it says."""
    mail = letter(letter_id)
    return page(
        request,
        "letters/show.html.jinja",
        {
            "mail": mail,
            "mark": mail_mark(mail),
            "kind": KINDS.get(mail.kind, mail.kind),
            "parts": parts(mail),
            "copies": list(mail.copies.defer("message")),
            "mail_mark": mail_mark,
            "about_url": _about_url(mail.about),
            "about_what": _("Offer") if mail.about.startswith("offer:") else _("Payment"),
            "as_text": request.GET.get("show") == "text",
            "may_send": mail.state == MailState.GIVEN_UP
            and Permission.EDIT_OFFERS in request.actor.permissions,
        },
    )


def _about_url(about: str) -> str:
    """The page of what the letter is about; empty where there is none."""
    noun, _colon, key = about.partition(":")
    route = {"offer": "backoffice:offer", "entry": "backoffice:entry"}.get(noun)
    return reverse(route, args=[key]) if route and key else ""


@doorman(Permission.SEE_LETTERS)
@require_safe
def body(request: Visit, letter_id: UUID) -> HttpResponse:
    """The HTML of a letter, for the frame on its page: harmless whatever stands in it."""
    read = parts(letter(letter_id))
    response = HttpResponse(with_pictures(read.html, read.inline))
    response["Content-Security-Policy"] = READING_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


@doorman(Permission.SEE_LETTERS)
@require_safe
def attachment(request: Visit, letter_id: UUID, index: int) -> HttpResponse:
    """One file of a letter; never opened in the browser (safety.md UP)."""
    files = parts(letter(letter_id)).attachments
    if index >= len(files):
        raise NotFound
    return file_response(files[index].content, files[index].filename, files[index].mime)


@doorman(Permission.SEE_LETTERS)
@require_safe
def message(request: Visit, letter_id: UUID) -> HttpResponse:
    """The complete message, as a mail program opens it."""
    return file_response(raw(letter(letter_id)), f"{letter_id}.eml", "message/rfc822")


@doorman(Permission.EDIT_OFFERS)
@require_POST
def again(request: Visit, letter_id: UUID) -> HttpResponse:
    """Give a letter that was given up another five days."""
    mail = letter(letter_id)
    try:
        send_again(mail, by=request.actor.name, now=request.now)
    except MoveRefused:
        messages.info(request, _("This letter is not given up: nothing to send again."))
    else:
        record(
            Action.LETTER_SENT_AGAIN,
            merchant_id=request.merchant.pk,
            by=request.actor.name,
            subject=f"letter:{mail.public_id}",
            now=request.now,
        )
        messages.success(request, what_sending_again_does())
    return redirect("backoffice:letter", mail.public_id)
