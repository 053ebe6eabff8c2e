"""Mail addresses as people type them, and text that may stand in a header (safety.md EM-2, EM-3)."""

import re
import unicodedata
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from paygate.refusals import Kind, Refusal

LONGEST: Final = 254
MOST: Final = 10  # mailboxes in one field

_SENDER_LOCAL: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LONGEST_LOCAL: Final = 64

_SEVERAL: Final = re.compile(r";|@[^@]* [^@]*@")  # several addresses, and not by commas

# Unicode's Bidi_Control: they turn the order of what follows, and make one text look like another.
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class MailboxRefused(Refusal):
    """What was typed is not exactly one mailbox."""

    code = "MAIL_ADDRESS_REFUSED"
    kind = Kind.INVALID


def parse_mailbox(text: str) -> str:
    """Exactly one mailbox, written our way: `local@domain` in ASCII, the domain in lower case and IDNA (EM-2).

    Spaces around it are forgiven. Raises `MailboxRefused` for control characters and separators of any kind, commas,
    semicolons, groups, comments, display names, quoted local parts and more than 254 characters.
    """
    spelled = text.strip(" ")
    if not spelled:
        raise MailboxRefused(_("Enter an e-mail address."))
    if any(unicodedata.category(sign) in _UNSEEN for sign in spelled):
        raise MailboxRefused(_("The e-mail address contains characters that cannot be seen."))
    if any(sign in ",;" for sign in spelled):
        raise MailboxRefused(_("Enter one e-mail address only, without commas or semicolons."))
    if any(sign in '<>()[]:"\\' or sign.isspace() for sign in spelled):
        raise MailboxRefused(
            _(
                "Enter the e-mail address alone, such as anna@example.com: no name, quotes, brackets or spaces."
            )
        )
    if len(spelled) > LONGEST:
        raise MailboxRefused(_("An e-mail address has at most 254 characters."))
    try:
        valid = validate_email(
            spelled,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            allow_empty_local=False,
            strict=True,  # at most 64 characters before the @
            test_environment=settings.PAYGATE_ENV != "production",  # lets the reserved .test through
        )
    except EmailNotValidError:
        raise MailboxRefused(_("This is not a complete e-mail address, such as anna@example.com.")) from None
    mailbox = f"{valid.ascii_local_part}@{valid.ascii_domain}"
    if len(mailbox) > LONGEST:  # IDNA made the domain longer
        raise MailboxRefused(_("An e-mail address has at most 254 characters."))
    return mailbox


def parse_mailboxes(text: str) -> list[str]:
    """The mailboxes of a field that takes several, separated by commas or new lines; at most 10, each once.

    Raises `MailboxRefused` that says which one is wrong.
    """
    entries = [entry for entry in re.split(r"[,\n]", text.replace("\r\n", "\n")) if entry.strip(" ")]
    if len(entries) > MOST:
        raise MailboxRefused(_("Enter at most 10 e-mail addresses."))
    mailboxes: dict[str, None] = {}
    for entry in entries:
        if _SEVERAL.search(entry):
            words = _("“%(entry)s” is not an e-mail address. Separate several by commas.")
            raise MailboxRefused(words % {"entry": one_line(entry, limit=60)})
        try:
            mailboxes[parse_mailbox(entry)] = None
        except MailboxRefused as refused:
            raise MailboxRefused(_about(entry, refused.words)) from None
    return list(mailboxes)


def parse_sender_local(text: str) -> str:
    """The part before the @ that a merchant chose for the sender (EM-3). Raises `MailboxRefused`."""
    spelled = text.strip(" ")
    if len(spelled) > _LONGEST_LOCAL or not _SENDER_LOCAL.fullmatch(spelled):
        raise MailboxRefused(
            _("Use 1 to 64 letters, digits, dots, hyphens and underscores; a dot only between two others.")
        )
    return spelled


def one_line(text: str, limit: int = 200) -> str:
    """Text for a header: one line of at most `limit` characters, nothing in it that cannot be seen (EM-3).

    Line ends and runs of spaces become one space; control and bidi-override characters are removed.
    """
    flat = "".join(_flat(sign) for sign in text)
    return " ".join(flat.split())[:limit].rstrip()


def _flat(sign: str) -> str:
    if sign in _BIDI:
        return ""
    if sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in {"Cc", "Cs"} else sign


def _about(entry: str, words: str | Promise) -> Promise:
    return format_lazy("“{entry}”: {words}", entry=one_line(entry, limit=60), words=words)
