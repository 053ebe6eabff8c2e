"""One mailbox per entry, and text that may stand in a header (safety.md EM-2, EM-3)."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paygate.mail.mailbox import MailboxRefused, one_line, parse_mailbox, parse_mailboxes, parse_sender_local


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("anna@alpenblick.example", "anna@alpenblick.example"),
        ("  anna@alpenblick.example ", "anna@alpenblick.example"),
        ("Anna.Muster+offers@Example.ORG", "Anna.Muster+offers@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("info@zürich.example", "info@xn--zrich-kva.example"),
        ("info@xn--zrich-kva.example", "info@xn--zrich-kva.example"),
        ("payer@shop.test", "payer@shop.test"),
    ],
)
def test_a_mailbox_is_read_and_written_our_way(typed, mailbox) -> None:
    assert parse_mailbox(typed) == mailbox


def test_reserved_names_are_for_tests_only(settings) -> None:
    settings.PAYGATE_ENV = "production"

    with pytest.raises(MailboxRefused):
        parse_mailbox("payer@shop.test")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "anna",
        "anna@",
        "@example.org",
        "anna@example",
        "anna@@example.org",
        "anna@exa mple.org",
        "anna@example.org, carla@example.org",
        "anna@example.org,carla@example.org",
        "anna@example.org;carla@example.org",
        "anna@example.org carla@example.org",
        "anna@example.org,",
        "Anna <anna@example.org>",
        "<anna@example.org>",
        '"anna"@example.org',
        '"a b"@example.org',
        "anna(work)@example.org",
        "guests: anna@example.org",
        "guests:anna@example.org;",
        "anna@[127.0.0.1]",
        "anna\\@x@example.org",
        "anna@example.org\r\nBcc: carla@example.org",
        "anna@example.org\nBcc:carla@example.org",
        "anna@example.org\n",
        "\tanna@example.org",
        "anna@example.org\x00",
        "anna@example.org\x85",
        "anna\u2028@example.org",
        "anna@example.org\u2029",
        "anna\u202e@example.org",
        "an\u200bna@example.org",
        "anna@example.org\u00a0",
        "anna@localhost",
        ".anna@example.org",
        "an..na@example.org",
        "a" * 65 + "@example.org",
        "a@" + ".".join(["b" * 60] * 5) + ".org",
        "müller@example.org",
        "anna@exämple\u3002org,x",
    ],
)
def test_anything_but_one_mailbox_is_refused(typed) -> None:
    with pytest.raises(MailboxRefused) as refused:
        parse_mailbox(typed)

    assert str(refused.value).endswith(".")


@given(st.text(max_size=300) | st.emails() | st.builds("{}{}".format, st.emails(), st.characters()))
@example("a@b.example\n")
def test_whatever_is_taken_is_safe_and_stays_the_same(typed) -> None:
    try:
        mailbox = parse_mailbox(typed)
    except MailboxRefused:
        return

    assert mailbox.isascii()
    assert mailbox.isprintable()
    assert len(mailbox) <= 254
    assert mailbox.count("@") == 1
    assert not set(mailbox) & set(' ,;:<>()[]"\\')
    assert parse_mailbox(mailbox) == mailbox


@given(st.text(alphabet='ab@.,;<>"() \r\n\x85\u2028:éü', max_size=30))
def test_what_looks_like_an_address_is_taken_whole_or_not_at_all(typed) -> None:
    try:
        mailbox = parse_mailbox(typed)
    except MailboxRefused:
        return

    local, domain = mailbox.split("@")
    assert typed.strip(" ").startswith(local + "@")
    assert "@" in typed
    assert domain


def test_a_field_for_several_takes_commas_and_new_lines() -> None:
    typed = "anna@example.org, beat@example.org\r\ncarla@example.org\n\n anna@example.org,"

    assert parse_mailboxes(typed) == ["anna@example.org", "beat@example.org", "carla@example.org"]
    assert parse_mailboxes(" \n") == []


def test_a_field_for_several_says_which_is_wrong() -> None:
    with pytest.raises(MailboxRefused, match="“beat@@example.org”: This is not a complete"):
        parse_mailboxes("anna@example.org\nbeat@@example.org")
    with pytest.raises(MailboxRefused, match="“anna@example.org;beat@example.org” is not an e-mail address"):
        parse_mailboxes("anna@example.org;beat@example.org")
    with pytest.raises(MailboxRefused, match="cannot be seen"):
        parse_mailboxes("anna@example.org\x85beat@example.org")


def test_a_field_for_several_takes_ten() -> None:
    ten = [f"guest{number}@example.org" for number in range(10)]

    assert parse_mailboxes(",".join(ten)) == ten
    with pytest.raises(MailboxRefused, match="at most 10"):
        parse_mailboxes(",".join([*ten, "one.more@example.org"]))


def test_the_sender_is_a_plain_local_part() -> None:
    assert parse_sender_local(" rezeption.nord_2 ") == "rezeption.nord_2"
    for typed in ("", "a@b", "a b", ".a", "a.", "a..b", "é", "a" * 65, "a\nb", "a\n"):
        with pytest.raises(MailboxRefused):
            parse_sender_local(typed)


def test_text_for_a_header_is_one_line() -> None:
    assert one_line("  Room 7\r\nBcc: x@example.org\x00 \u202egnp.exe\u2028 end\x85") == (
        "Room 7 Bcc: x@example.org gnp.exe end"
    )
    assert one_line("x" * 300) == "x" * 200
    assert one_line("ab cd", limit=3) == "ab"


@given(st.text(max_size=260))
def test_one_line_stays_as_it_is(text) -> None:
    line = one_line(text)

    assert one_line(line) == line
    assert len(line) <= 200
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in line)
