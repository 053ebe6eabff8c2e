"""Own addresses: where the token goes, and what is no address."""

import pytest

from paygate.merchants.own_pages import PLACEHOLDER, filled, problem_of

TOKEN = "a/b?c=d&e#f g+h%"
WRITTEN = "a%2Fb%3Fc%3Dd%26e%23f%20g%2Bh%25"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        (
            "https://www.shop.com/myspg/success/" + PLACEHOLDER,
            f"https://www.shop.com/myspg/success/{WRITTEN}",
        ),
        ("https://www.shop.com/fail?pptoken=" + PLACEHOLDER, f"https://www.shop.com/fail?pptoken={WRITTEN}"),
        ("https://www.shop.com/myspg/abort#" + PLACEHOLDER, f"https://www.shop.com/myspg/abort#{WRITTEN}"),
        (
            f"https://www.shop.com/{PLACEHOLDER}/x?t={PLACEHOLDER}&u=1#{PLACEHOLDER}",
            f"https://www.shop.com/{WRITTEN}/x?t={WRITTEN}&u=1#{WRITTEN}",
        ),
        ("https://www.shop.com/thanks", "https://www.shop.com/thanks"),
        ("https://www.shop.com?a=1", "https://www.shop.com?a=1"),
        ("https://shop.com:8443/%7B%7B%7BPAYMENTPAGETOKEN%7D%7D%7D", f"https://shop.com:8443/{WRITTEN}"),
        ("http://[2001:db8::1]:81/" + PLACEHOLDER, f"http://[2001:db8::1]:81/{WRITTEN}"),
        ("https://www.Müller.ch/grüezi?wer=ä", "https://www.xn--mller-kva.ch/gr%C3%BCezi?wer=%C3%A4"),
    ],
)
def test_the_token_is_encoded_for_path_query_and_fragment(address, whole):
    assert problem_of(address) is None
    assert filled(address, TOKEN) == whole


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "begins with https://"),
        ("www.shop.com/paid", "begins with https://"),
        ("//www.shop.com/paid", "begins with https://"),
        ("javascript:alert(1)", "begins with https://"),
        ("data:text/html,hello", "begins with https://"),
        ("ftp://shop.com/", "begins with https://"),
        ("https://", "not a complete address"),
        ("https:///paid", "not a complete address"),
        ("https://shop..com/", "not a complete address"),
        ("https://-shop.com/", "not a complete address"),
        ("https://shop.com:99999/", "not a complete address"),
        ("https://shop.com:port/", "not a complete address"),
        ("https://[::1/", "not a complete address"),
        ("https://" + "ü" * 70 + ".ch/", "not a complete address"),
        ("https://anna:secret@shop.com/", "user name and password"),
        ("https://shop.com\\@evil.example/", "backslashes"),
        ("https://shop.com/a b", "spaces"),
        ("https://shop.com/a\r\nSet-Cookie: x", "spaces"),
        ("https://shop.com/\u202egnp", "spaces"),
        (f"https://{PLACEHOLDER}.shop.com/", "not in the host name"),
        ("https://shop.com/{{{PAYMENTTOKEN}}}", "Check its spelling"),
        ("https://shop.com/{{PAYMENTPAGETOKEN}}", "Check its spelling"),
        ("https://shop.com/" + "a" * 1000, "at most 1000"),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(address, words):
    assert words in str(problem_of(address))
