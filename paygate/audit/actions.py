"""What can stand in the audit log: one name for each thing somebody does (safety.md AU-7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """Names are kept for years, so they are added and never changed."""

    SIGNED_IN = "signed in", _("Signed in")
    SIGN_IN_FAILED = "sign-in failed", _("Sign-in failed")
    SIGNED_OUT = "signed out", _("Signed out")
    SIGNED_OUT_EVERYWHERE = "signed out everywhere", _("Signed out everywhere")
    WORKS_HERE_NOW = "works here now", _("Came over from another merchant")
    ACCOUNT_CHANGED = "account changed", _("Account changed")  # password, second factor, recovery codes

    PERSON_INVITED = "person invited", _("Person invited")
    INVITATION_WITHDRAWN = "invitation withdrawn", _("Invitation withdrawn")
    PERSON_JOINED = "person joined", _("Person joined")
    ROLE_CHANGED = "role changed", _("Role changed")
    PERSON_REMOVED = "person removed", _("Person removed")
    REFUND_LIMIT = "refund limit", _("Limit of refunds changed")
    SECOND_FACTOR_RULE = "second factor rule", _("Second factor rule changed")

    SETTINGS_CHANGED = "settings changed", _("Settings changed")
    TERMS_CHANGED = "terms changed", _("Terms and conditions changed")
    LETTER_WORDS_CHANGED = "letter words changed", _("Words of letters changed")
    TERMINAL_CHANGED = "terminal changed", _("Terminal changed")
    DESIGN_CHANGED = "design changed", _("Payment page design changed")
    TEMPLATE_CHANGED = "template changed", _("Template changed")
    CREDENTIAL_MADE = "credential made", _("API credential made")
    CREDENTIAL_LIMITED = "credential limited", _("API credential limited to addresses")
    CREDENTIAL_REVOKED = "credential revoked", _("API credential revoked")
    NOTIFICATION_TRIED = "notification tried", _("Notification address tried")

    OFFER_CREATED = "offer created", _("Offer created")
    OFFER_CHANGED = "offer changed", _("Offer changed")
    OFFER_SENT = "offer sent", _("Offer sent")
    OFFER_DISABLED = "offer disabled", _("Offer disabled")
    OFFER_RESTORED = "offer restored", _("Offer restored")

    LINK_CREATED = "link created", _("Multi-use link created")
    LINK_CHANGED = "link changed", _("Multi-use link changed")
    LINK_DELETED = "link deleted", _("Multi-use link deleted")
    LINK_RESTORED = "link restored", _("Multi-use link restored")
    FILE_UPLOADED = "file uploaded", _("File with offers uploaded")
    UPLOAD_CHANGED = "upload changed", _("Upload changed")
    UPLOAD_CONFIRMED = "upload confirmed", _("Offers of a file confirmed")
    UPLOAD_DISCARDED = "upload discarded", _("Upload discarded")

    CARD_STORED = "card stored", _("Card stored")
    STORED_CARD_CHANGED = "stored card changed", _("Stored card changed")
    CARD_FORGOTTEN = "card forgotten", _("Stored card or wallet deleted")

    CAPTURED = "captured", _("Payment booked")
    REFUND_PROPOSED = "refund proposed", _("Refund proposed")
    REFUND_TURNED_DOWN = "refund turned down", _("Proposed refund turned down")
    REFUNDED = "payment refunded", _("Payment refunded")
    CANCELED = "canceled", _("Payment canceled")
    RELEASED = "rest released", _("Rest of a reservation released")
    BATCH_CLOSED = "batch closed", _("Batch closed by hand")
    BATCH_FILED_AGAIN = "batch filed again", _("Batch filed again")
    VERDICT_PROPOSED = "verdict proposed", _("Decision proposed")
    VERDICT_CONFIRMED = "verdict confirmed", _("Decision confirmed")
    VERDICT_TURNED_DOWN = "verdict turned down", _("Decision turned down")

    LETTER_SENT_AGAIN = "letter sent again", _("Letter sent again")
    CALLED_AGAIN = "called again", _("Notification address called again")
    EXPORTED = "exported", _("List exported")
