"""The table of columns: what a file may hold, under which names, with an example (SPG-UPL-07).

Reader, specification, sample files and documentation are all made of it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.languages import LANGUAGES

NO_COLUMN: Final = ""  # what a column is for that somebody left aside by hand


class Holds(Enum):
    """How a cell is read."""

    AMOUNT = "amount"
    CURRENCY = "currency"
    LINE = "line"
    WORDS = "words"  # text of a letter, of several lines
    MAILBOX = "mailbox"
    MAILBOXES = "mailboxes"
    YES_NO = "yes or no"
    EXPIRY = "expiry"
    BOOKING = "booking"
    CONDITION = "condition"
    LANGUAGE = "language"
    ATTEMPTS = "attempts"
    ASK_EMAIL = "ask email"
    COUNTRY = "country"
    DESIGN = "design"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    key: str  # the field of the offer that it fills
    headers: tuple[str, ...]  # in the order of LANGUAGES; then other names that people give it
    holds: Holds
    what: str | Promise
    example: str = ""

    def header(self, language: str) -> str:
        """What it is called in a language, as the specification and the sample files write it."""
        return self.headers[list(LANGUAGES).index(language)]


def _column(key: str, headers: str, holds: Holds, what: str | Promise, example: str = "") -> Column:
    return Column(key, tuple(headers.split(" | ")), holds, what, example)


COLUMNS: Final = (
    _column("template", "Template | Vorlage | Modèle | Modello | template name", Holds.TEMPLATE,
            _("The name of one of your templates. It fills in what the row leaves empty.")),
    _column("amount", "Amount | Betrag | Montant | Importo | sum | total | price | summe | preis | somme | prix"
            " | prezzo | totale | brutto", Holds.AMOUNT,
            _("What the buyer pays: 1234.50, 1234,50 or 1'234.50."), "49.90"),
    _column("currency", "Currency | Währung | Devise | Valuta | ccy | monnaie | moneta | iso", Holds.CURRENCY,
            _("Three letters that the terminal takes. Empty: the terminal's only currency."), "CHF"),
    _column("description", "Description | Beschreibung | Description | Descrizione | text | bezeichnung | libellé"
            " | désignation | articolo | verwendungszweck", Holds.LINE,
            _("What is to be paid, in a few words. The buyer reads it. At most 1000 characters."),
            "Double room, one night"),
    _column("reference", "Reference | Referenz | Référence | Riferimento | ref | order number | invoice number"
            " | bestellnummer | rechnungsnummer | numéro de commande | numéro de facture | numero ordine"
            " | numero fattura | order id", Holds.LINE,
            _("Your own number, by which you find the payment. At most 80 characters."), "2026-0412"),
    _column("payer_email", "E-mail | E-Mail | E-mail | E-mail | email address | e-mail address | buyer email"
            " | payer email | e-mail-adresse | adresse e-mail | courriel | indirizzo e-mail | mail", Holds.MAILBOX,
            _("The buyer's address, for the link and the confirmation."), "maria.muster@example.org"),
    _column("by_email", "Send letter | Brief senden | Envoyer la lettre | Invia lettera | send | send e-mail"
            " | letter | senden | e-mail senden | envoyer | invia", Holds.YES_NO,
            _("Yes: the link goes to the buyer by e-mail once it is created. Needs the e-mail address."), "yes"),
    _column("language", "Language | Sprache | Langue | Lingua | lang", Holds.LANGUAGE,
            _("Of the payment page and the letters: en, de, fr or it. Empty: as in your settings."), "de"),
    _column("expires_at", "Expires | Gültig bis | Valable jusqu'au | Valido fino al | expiry | expiry date"
            " | valid until | ablauf | ablaufdatum | frist | expiration | échéance | scadenza"
            " | date d'expiration",
            Holds.EXPIRY,
            _("A date (until 23:59), date and time, or days from the creation such as +14d; one hour to 180 days"
              " ahead. Empty: 14 days."), "+14d"),
    _column("booking", "Authorization type | Autorisierungsart | Type d'autorisation | Tipo di autorizzazione"
            " | booking | authorisation type | buchung", Holds.BOOKING,
            _("FINAL (authorization), PRE_AUTHORIZATION or AUTOMATIC (booked at once). Empty: as in your settings."),
            "FINAL"),
    _column("condition", "Condition | Bedingung | Condition | Condizione | 3-d secure | 3ds", Holds.CONDITION,
            _("NONE, LIABILITY_SHIFT (only with liability shift) or CHALLENGE (only with 3-D Secure authentication)."
              " Empty: none."), "NONE"),
    _column("max_attempts", "Attempts | Versuche | Tentatives | Tentativi | number of attempts | max attempts"
            " | anzahl versuche | nombre de tentatives | numero di tentativi", Holds.ATTEMPTS,
            _("After so many failed payments the link is disabled: 1, 3, 5, 10, or 0 for no limit."
              " Empty: as in your settings."), "5"),
    _column("save_means", "Save payment means | Zahlungsmittel speichern | Enregistrer moyen de paiement"
            " | Salvare il mezzo di pagamento | save means | save card | store card | karte speichern"
            " | enregistrer le moyen de paiement | enregistrer la carte | salvare la carta", Holds.YES_NO,
            _("Yes: the buyer's card or wallet is stored with the payment, for your programs (with the licence for"
              " Secure Card Data). Empty: no."), "no"),
    _column("notify_emails", "Payment notification | Zahlungsbenachrichtigung | Notification de paiement"
            " | Notifica di pagamento | notify | notification | benachrichtigung", Holds.MAILBOXES,
            _("Your own addresses that are told of the payment, at most 10, separated by commas."
              " Empty: as in your settings.")),
    _column("ask_email", "Ask for e-mail | E-Mail erfragen | Demander l'e-mail | Chiedere l'e-mail", Holds.ASK_EMAIL,
            _("Whether the payment page asks for the e-mail address: NO, OPTIONAL or MANDATORY. Empty: no.")),
    _column("address_company", "Company | Firma | Entreprise | Azienda | organisation | organization | société | ditta"
            " | unternehmen", Holds.LINE, _("The buyer's address: company.")),
    _column("address_first_name", "First name | Vorname | Prénom | Nome | given name", Holds.LINE,
            _("The buyer's first name."), "Maria"),
    _column("address_last_name", "Last name | Nachname | Nom | Cognome | surname | family name | name"
            " | nom de famille | familienname", Holds.LINE, _("The buyer's last name."), "Muster"),
    _column("address_street", "Street | Strasse | Rue | Via | street and number | straße | adresse | address"
            " | indirizzo | strasse und nummer | rue et numéro", Holds.LINE, _("Street and number."), "Seestrasse 12"),
    _column("address_street2", "Address line 2 | Adresszusatz | Complément d'adresse | Indirizzo riga 2 | street 2"
            " | adresszeile 2", Holds.LINE, _("A second line of the address.")),
    _column("address_zip", "Postal code | PLZ | NPA | CAP | zip | postcode | zip code | postleitzahl | code postal"
            " | codice postale", Holds.LINE, _("Postal code, at most 20 characters."), "3600"),
    _column("address_city", "Town | Ort | Localité | Località | city | town or city | stadt | ville | città | wohnort",
            Holds.LINE, _("Town or city."), "Thun"),
    _column("address_country", "Country | Land | Pays | Paese | country code | ländercode | staat", Holds.COUNTRY,
            _("Two letters such as CH, or the country's name."), "CH"),
    _column("address_phone", "Phone | Telefon | Téléphone | Telefono | telephone | phone number | tel | mobile | handy",
            Holds.LINE, _("The buyer's phone number, at most 30 characters."), "033 222 00 00"),
    _column("address_editable", "Address editable | Adresse änderbar | Adresse modifiable | Indirizzo modificabile",
            Holds.YES_NO, _("Yes: the buyer may fill in and correct the address on the payment page. Empty: no.")),
    _column("design", "Payment page configuration | Zahlungsseiten-Konfiguration | Configuration de la page de paiement"
            " | Configurazione della pagina di pagamento | design | page configuration", Holds.DESIGN,
            _("The name of one of your payment page configurations. Empty: the standard one.")),
    _column("letter_subject", "Letter subject | Betreff | Objet | Oggetto | subject", Holds.WORDS,
            _("Own subject of the letter, with placeholders such as {amount}. Empty: as in your settings.")),
    _column("letter_salutation", "Letter salutation | Anrede | Formule d'appel | Saluto | salutation", Holds.WORDS,
            _("Own salutation of the letter.")),
    _column("letter_text", "Letter text | Brieftext | Texte de la lettre | Testo della lettera", Holds.WORDS,
            _("Own text of the letter, at most 5000 characters.")),
    _column("letter_signature", "Letter signature | Unterschrift | Signature | Firma della lettera", Holds.WORDS,
            _("Own signature of the letter.")),
    _column("confirm", "Send confirmation | Bestätigung senden | Envoyer la confirmation | Invia conferma"
            " | confirmation", Holds.YES_NO,
            _("Whether the buyer is sent a confirmation as soon as it is paid. Empty: yes.")),
    _column("confirmation_subject", "Confirmation subject | Betreff der Bestätigung | Objet de la confirmation"
            " | Oggetto della conferma", Holds.WORDS, _("Own subject of the confirmation.")),
    _column("confirmation_salutation", "Confirmation salutation | Anrede der Bestätigung"
            " | Formule d'appel de la confirmation | Saluto della conferma", Holds.WORDS,
            _("Own salutation of the confirmation.")),
    _column("confirmation_text", "Confirmation text | Text der Bestätigung | Texte de la confirmation"
            " | Testo della conferma", Holds.WORDS, _("Own text of the confirmation, at most 5000 characters.")),
    _column("confirmation_signature", "Confirmation signature | Unterschrift der Bestätigung"
            " | Signature de la confirmation | Firma della conferma", Holds.WORDS,
            _("Own signature of the confirmation.")),
    _column("reply_to", "Replies go to | Antworten an | Réponses à | Risposte a | reply-to", Holds.MAILBOX,
            _("Where the buyer's answers go. Empty: as in your settings.")),
    _column("archive_email", "Copy (BCC) to | Kopie (BCC) an | Copie (BCC) à | Copia (BCC) a | bcc | copy",
            Holds.MAILBOX, _("Where a copy of the letters goes. Empty: as in your settings.")),
)  # fmt: skip

BY_KEY: Final[Mapping[str, Column]] = {column.key: column for column in COLUMNS}


def columns_for(*, stores_cards: bool) -> list[Column]:
    """What a merchant is told of: without the licence for stored cards there is no such option (SPG-FRM-38)."""
    return [column for column in COLUMNS if stores_cards or column.key != "save_means"]


def normal(name: str) -> str:
    """A name as it is compared: small letters and digits, without accents, spaces and signs."""
    flat = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return re.sub(r"[^\w]|_", "", "".join(sign for sign in flat if not unicodedata.combining(sign)))


@cache
def known_names() -> Mapping[str, str]:
    """Every name that a column goes by, as `normal` writes it, with its key."""
    return dict(_names())


def _names() -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        yield normal(column.key), column.key
        for name in column.headers:
            yield normal(name), column.key


def key_of(header: str) -> str | None:
    """Which column a header names; None for none of ours."""
    return known_names().get(normal(header))
