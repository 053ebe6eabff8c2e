"""Names nobody can guess."""

import re
from math import log2

import pytest

from paygate.tokens import (
    READABLE_LENGTH,
    link_id,
    own_reference,
    public_token,
    readable_reference,
    transaction_id,
)


def test_a_link_has_122_random_bits() -> None:
    assert link_id().version == 4
    assert len({link_id() for _ in range(100)}) == 100


def test_a_transaction_id_is_28_letters_and_digits() -> None:
    ids = {transaction_id() for _ in range(200)}

    assert len(ids) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9]{28}", one) for one in ids)
    assert 28 * log2(62) > 122


def test_a_readable_reference_has_no_signs_that_look_alike_and_begins_with_a_letter() -> None:
    references = {readable_reference() for _ in range(1000)}

    assert len(references) == 1000
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]{4}-[A-Z0-9]{5}", one) for one in references)
    assert not set("".join(references)) & set("01258OILSZBUVAE") - {"V"}
    assert {len(one) for one in references} == {READABLE_LENGTH}


@pytest.mark.parametrize("instance", [0, 1, 42, 9_999_999])
def test_our_own_reference_names_the_instance_and_fits_every_acquirer(instance: int) -> None:
    reference = own_reference(instance)

    assert reference.startswith(f"{instance}-")
    assert re.fullmatch(r"[0-9]+-[0-9A-F]{32}", reference)
    assert len(reference) <= 40
    assert reference != own_reference(instance)


@pytest.mark.parametrize("instance", [-1, 10_000_000])
def test_an_instance_number_has_its_limits(instance: int) -> None:
    with pytest.raises(ValueError, match="instance number"):
        own_reference(instance)


def test_a_public_token_is_safe_in_an_address() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", public_token())
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", public_token(16))
    assert public_token() != public_token()
    with pytest.raises(ValueError, match="at least 16"):
        public_token(8)
