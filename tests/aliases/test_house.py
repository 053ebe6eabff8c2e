"""Who may touch what of a card (safety.md CD-2, SE-4)."""

from pathlib import Path

import paygate

PACKAGE = Path(paygate.__file__).parent


def users_of(word: str) -> set[str]:
    """The rooms in whose code the word stands."""
    return {
        path.relative_to(PACKAGE).parts[0]
        for kind in ("*.py", "*.jinja")
        for path in PACKAGE.rglob(kind)
        if "migrations" not in path.parts and word in path.read_text()
    }


def test_the_seventh_and_eighth_digit_are_told_by_the_api_alone():
    """CD-2: cards cut them out, aliases and journal keep them, and only the API reads them."""
    assert users_of("api_digits") == {"cards", "aliases", "journal", "api"}


def test_only_the_vault_reads_its_rows():
    """SE-4: the invariants make sure that each opens."""
    assert users_of("VaultEntry") == {"aliases", "operations"}


def test_a_card_is_opened_only_where_it_is_used():
    """CD-7: no screen and no payer's page asks for the number of a stored card."""
    openers = users_of("card_of(") | users_of("vault.open_card") | users_of("vault.take")
    assert openers <= {"aliases", "checkout", "api"}
