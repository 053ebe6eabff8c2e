"""The merchant's own words for the letters to buyers: by kind and language, with a preview, and back to ours."""

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.letter_frame import letter_response
from paygate.backoffice.pages import page
from paygate.backoffice.settings.letter_forms import WordsForm
from paygate.backoffice.visit import Visit
from paygate.checkout.letters import confirmation_preview
from paygate.languages import LANGUAGES
from paygate.mail.outbox import Rendered
from paygate.merchants.letter_words import (
    EXAMPLE,
    Words,
    ours,
    placeholders_of,
    reset,
    save,
    usual,
    words_by_letter,
)
from paygate.merchants.models import LetterKind, Terminal, TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.offers.letter import NO_LINK_YET, preview
from paygate.offers.models import Offer
from paygate.refusals import NotFound

KIND_WORDS: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    LetterKind.OFFER: (
        gettext_lazy("Offer to the buyer"),
        gettext_lazy("Sent with the payment link, the QR code and your terms and conditions."),
    ),
    LetterKind.CONFIRMATION: (
        gettext_lazy("Confirmation to the buyer"),
        gettext_lazy("Sent by itself as soon as a payment succeeded."),
    ),
}


@doorman(Permission.SEE_SETTINGS)
@require_safe
def letter_texts(request: Visit) -> HttpResponse:
    """Each letter in each language, and whose words it has."""
    own = words_by_letter(request.merchant.pk)
    return page(
        request,
        "settings/letter_texts.html.jinja",
        {
            "kinds": KIND_WORDS,
            "languages": LANGUAGES,
            "own": own,
            "words_of": lambda kind, language: own.get((kind, language), Words()).over(ours(kind, language)),
        },
    )


@doorman(Permission.EDIT_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def letter_text(request: Visit, kind: str, language: str) -> HttpResponse:
    """The words of one letter in one language (SPG-CNF-01)."""
    letter = _kind(kind, language)
    if request.method != "POST":
        shown = usual(request.merchant.pk, letter, language)
        return _show(request, WordsForm(kind=letter, initial=shown.as_row()), letter, language)
    form = WordsForm(request.POST, kind=letter)
    if not form.is_valid():
        return _show(request, form, letter, language, status=422)
    with transaction.atomic():
        save(request.merchant.pk, letter, language, form.words)
        _put_down(request, letter, language, form.words.as_row())
    messages.success(request, _("Saved. Letters from now on say it so."))
    return redirect("backoffice:letter_texts")


def _show(
    request: Visit, form: WordsForm, kind: LetterKind, language: str, *, status: int = 200
) -> HttpResponse:
    return page(
        request,
        "settings/letter_text.html.jinja",
        {
            "form": form,
            "kind": kind.value,
            "kind_name": KIND_WORDS[kind][0],
            "letter_language": language,
            "language_name": LANGUAGES[language],
            "placeholders": placeholders_of(kind),
            "is_own": (kind, language) in words_by_letter(request.merchant.pk),
        },
        status=status,
    )


@doorman(Permission.EDIT_SETTINGS)
@require_POST
def reset_letter_text(request: Visit, kind: str, language: str) -> HttpResponse:
    """Back to our words."""
    letter = _kind(kind, language)
    with transaction.atomic():
        reset(request.merchant.pk, letter, language)
        _put_down(request, letter, language, {})
    messages.success(request, _("This letter has our words again."))
    return redirect("backoffice:letter_text", kind, language)


@doorman(Permission.EDIT_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def letter_text_preview(request: Visit, kind: str, language: str) -> HttpResponse:
    """The letter with what is typed so far, of a payment that never was; a part that is wrong shows our words."""
    letter = _kind(kind, language)
    form = WordsForm(request.POST, kind=letter)
    form.is_valid()
    words = form.words if request.method == "POST" else usual(request.merchant.pk, letter, language)
    words = words.over(ours(letter, language))
    return letter_response(
        _example(request, letter, language, words), as_text="text" in request.GET, language=language
    )


def _example(request: Visit, kind: LetterKind, language: str, words: Words) -> Rendered:
    with translation.override(language):
        if kind is LetterKind.CONFIRMATION:
            settings = preferences_of(request.merchant.pk)
            return confirmation_preview(
                words, settings, request.merchant, language=language, now=request.now.astimezone(request.zone)
            )
        first, _space, last = str(EXAMPLE["name"]).partition(" ")
        terminals = terminals_of(request, kind=TerminalKind.SPG)
        draft = Offer(
            pk=NO_LINK_YET,
            merchant=request.merchant,
            terminal=terminals[0] if terminals else Terminal(number="00000000"),
            description=str(EXAMPLE["description"]),
            reference=str(EXAMPLE["reference"]),
            address={"first_name": first, "last_name": last},
            language=language,
            letter=words.as_row(),
            expires_at=request.now + timedelta(days=14),
        )
        return preview(draft, amount=money_text(Money(12000, "CHF"), language))


def _kind(kind: str, language: str) -> LetterKind:
    """Raises `NotFound` for a letter or language that is not there."""
    if kind not in LetterKind.values or language not in LANGUAGES:
        raise NotFound
    return LetterKind(kind)


def _put_down(request: Visit, letter: LetterKind, language: str, words: dict[str, str]) -> None:
    record(
        Action.LETTER_WORDS_CHANGED,
        merchant_id=request.merchant.pk,
        by=request.actor.name,
        subject=f"letter:{letter.value} {language}",
        detail=dict(words),
        now=request.now,
    )
