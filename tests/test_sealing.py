"""Small secrets open where they were sealed for, and nowhere else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from paygate.sealing import Keyring, NoKeys, NotOurs, key_id_of, mac, macs, open_sealed, seal


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


@pytest.fixture(autouse=True)
def one_key(settings: Settings) -> None:
    settings.PAYGATE_VAULT_KEYS = {"k1": key("a")}


def sealed(plain: bytes = b"secret") -> bytes:
    return seal(plain, purpose="test", context="merchant 1")


@given(plain=st.binary(max_size=200), context=st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, context: str) -> None:
    assert open_sealed(seal(plain, purpose="test", context=context), purpose="test", context=context) == plain


def test_nothing_of_the_secret_shows_and_no_two_seals_are_alike() -> None:
    assert b"secret" not in sealed()
    assert sealed() != sealed()
    assert key_id_of(sealed()) == "k1"


@pytest.mark.parametrize(
    ("purpose", "context"),
    [
        ("other", "merchant 1"),
        ("test", "merchant 2"),
        ("test", ""),
        ("testm", "erchant 1"),
        ("tes", "tmerchant 1"),
    ],
)
def test_it_opens_for_its_own_purpose_and_context_only(purpose: str, context: str) -> None:
    with pytest.raises(NotOurs):
        open_sealed(sealed(), purpose=purpose, context=context)


def test_no_byte_of_it_may_change() -> None:
    whole = sealed()

    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        with pytest.raises(NotOurs):
            open_sealed(changed, purpose="test", context="merchant 1")


def test_no_part_of_it_opens() -> None:
    whole = sealed()

    for length in range(len(whole)):
        with pytest.raises(NotOurs):
            open_sealed(whole[:length], purpose="test", context="merchant 1")


def test_after_a_rotation_old_secrets_open_and_new_ones_use_the_new_key(settings: Settings) -> None:
    old = sealed()
    settings.PAYGATE_VAULT_KEYS = {"k2": key("b"), "k1": key("a")}

    assert open_sealed(old, purpose="test", context="merchant 1") == b"secret"
    assert key_id_of(sealed()) == "k2"

    settings.PAYGATE_VAULT_KEYS = {"k2": key("b")}
    with pytest.raises(NotOurs, match="k1"):
        open_sealed(old, purpose="test", context="merchant 1")


def test_another_key_under_the_same_name_does_not_open(settings: Settings) -> None:
    old = sealed()
    settings.PAYGATE_VAULT_KEYS = {"k1": key("b")}

    with pytest.raises(NotOurs):
        open_sealed(old, purpose="test", context="merchant 1")


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"k1": base64.b64encode(b"short").decode()},
        {"": key("a")},
        {"k" * 41: key("a")},
        {"k1": key("a"), "k2": key("a")},
    ],
)
def test_without_proper_keys_nothing_is_sealed(settings: Settings, keys: dict[str, str]) -> None:
    settings.PAYGATE_VAULT_KEYS = keys

    with pytest.raises(NoKeys):
        sealed()


def test_a_keyring_does_not_print_its_keys() -> None:
    assert repr(Keyring.of_settings()) == "Keyring(active='k1')"


def test_a_keyed_hash_depends_on_purpose_data_and_key(settings: Settings) -> None:
    first = mac("fingerprint", b"data")

    assert len(first) == 32
    assert first == mac("fingerprint", b"data")
    assert first != mac("fingerprint", b"date")
    assert first != mac("other", b"data")

    settings.PAYGATE_VAULT_KEYS = {"k2": key("b"), "k1": key("a")}
    assert mac("fingerprint", b"data") != first
    assert macs("fingerprint", b"data") == [mac("fingerprint", b"data"), first]
