"""Which URLs and which addresses a request of ours may go to."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from chalicelib.adapters.addresses import Wanted, allowed, is_public
from chalicelib.errors import ForbiddenAddress

HOSTS = ("api.aircall.io", ".aircall.io", "storage.test")


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://api.aircall.io/v1/calls?x=1&y=%2F..", "api.aircall.io", "/v1/calls?x=1&y=%2F.."),
        ("https://storage.test", "storage.test", "/"),
        ("https://storage.test?key=a/b", "storage.test", "/?key=a/b"),
        ("https://storage.test:443/a#part", "storage.test", "/a"),
        ("HTTPS://Media.AirCall.IO/A", "media.aircall.io", "/A"),
        ("https://eu-1.media.aircall.io//a//b", "eu-1.media.aircall.io", "//a//b"),
        ("https://xn--bcher-kva.aircall.io/", "xn--bcher-kva.aircall.io", "/"),
    ],
)
def test_an_allowed_host_is_asked_for_exactly_what_the_url_says(url: str, host: str, target: str) -> None:
    assert allowed(url, HOSTS) == Wanted(host, target)


REFUSED = {
    "the metadata service": "https://169.254.169.254/latest/meta-data/",
    "the metadata service by a decimal number": "http://2852039166/",
    "the same over HTTPS": "https://2852039166/",
    "by an octal one": "https://0251.0376.0251.0376/",
    "by a hexadecimal one": "https://0xa9fea9fe/",
    "by hexadecimal parts": "https://0xa9.0xfe.0xa9.0xfe/",
    "by fewer parts": "https://169.16689662/",
    "mapped into IPv6": "https://[::ffff:169.254.169.254]/",
    "the metadata service of IPv6": "https://[fd00:ec2::254]/",
    "full-width digits": "https://１６９.254.169.254/",
    "this computer": "https://localhost/",
    "this computer's address": "https://127.0.0.1/",
    "this computer's short address": "https://127.1/",
    "a public address": "https://8.8.8.8/",
    "no host": "https:///v1",
    "no host at all": "https://",
    "no name": "https://.aircall.io/",
    "an empty label": "https://a..aircall.io/",
    "a label with a hyphen at its end": "https://a-.aircall.io/",
    "the ending alone": "https://aircall.io/",
    "a host that only ends alike": "https://evilaircall.io/",
    "a host that begins alike": "https://api.aircall.io.evil.test/",
    "a subdomain of a whole name": "https://a.storage.test/",
    "a dot at the end": "https://api.aircall.io./",
    "a user": "https://api.aircall.io@evil.test/",
    "a user with a password": "https://api.aircall.io:443@evil.test/",
    "an allowed host with a user": "https://evil.test@api.aircall.io/",
    "an escaped user": "https://api.aircall.io%40evil.test/",
    "a backslash": "https://evil.test\\.aircall.io/",
    "a backslash before a user": "https://evil.test\\@api.aircall.io/",
    "backslashes for slashes": "https:\\\\api.aircall.io/",
    "a backslash in the path": "https://api.aircall.io/\\@evil.test",
    "a fragment for a host": "https://evil.test#.aircall.io/",
    "a question for a host": "https://evil.test?.aircall.io",
    "a semicolon": "https://evil.test;.aircall.io/",
    "another port": "https://api.aircall.io:8443/",
    "another port that ends alike": "https://api.aircall.io:00443/",
    "an empty port": "https://api.aircall.io:/",
    "no TLS": "http://api.aircall.io/",
    "no TLS on its port": "http://api.aircall.io:443/",
    "a file": "file:///etc/passwd",
    "another scheme": "ftp://api.aircall.io/",
    "no scheme": "//api.aircall.io/",
    "one slash": "https:/api.aircall.io/",
    "three slashes": "https:///api.aircall.io/",
    "a Cyrillic letter": "https://аpi.aircall.io/",
    "the same as punycode": "https://xn--pi-7ka.aircall.io.evil.test/",
    "a lookalike as punycode": "https://xn--arcall-4va.io/",
    "a Kelvin sign for a k": "https://api.aircall.io/\u212a",
    "a long s in the scheme": "http\u017f://api.aircall.io/",
    "a full-width dot": "https://api\uff0eaircall.io/",
    "a blank before": " https://api.aircall.io/",
    "a line after": "https://api.aircall.io/\n",
    "a line within": "https://api.aircall.io/a\r\nHost: evil.test",
    "a tab within": "https://evil.test\t.aircall.io/",
    "a null": "https://evil.test\0.aircall.io/",
    "a blank in the path": "https://api.aircall.io/a b",
    "a long label": f"https://{'a' * 64}.aircall.io/",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_whatever_else_is_refused_by_a_rule_and_without_the_url(url: str) -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        allowed(url, HOSTS)
    assert "aircall" not in str(caught.value) and "evil" not in str(caught.value)


def test_a_list_of_addresses_or_of_nothing_allows_none() -> None:
    for hosts in ((), ("169.254.169.254",), (".254",), ("localhost",), ("",), (".",)):
        for url in ("https://169.254.169.254/", "https://localhost/", "https://evil.test/"):
            with pytest.raises(ForbiddenAddress):
                allowed(url, hosts)


PIECES = [
    *("https://", "HTTPS:", "http://", "//", "/", "\\", "@", ":", ":443", ":80", "#", "?", ".", "..", "%2e", "%40"),
    *("api.aircall.io", ".aircall.io", "storage.test", "evil.test", "localhost", "127.0.0.1", "0x7f000001", "[::1]"),
    *(
        "\t",
        "\n",
        "\r",
        " ",
        "\0",
        "\u212a",
        "\u017f",
        "\uff0e",
        "\u3002",
        "\u2100",
        "a",
        "-",
        "xn--",
        ";",
        "&",
        "[",
        "]",
    ),
]

JUNK = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
URLS = st.one_of(st.text(), JUNK, st.builds("https://{}{}{}".format, JUNK, st.sampled_from(HOSTS), JUNK))


@given(URLS)
@example("https://api.aircall.io/")
@example("https://api.aircall.io?@evil.test")
def test_any_text_is_refused_or_goes_to_a_listed_host_whoever_reads_it(url: str) -> None:
    try:
        wanted = allowed(url, HOSTS)
    except ForbiddenAddress:
        return
    assert wanted.host in HOSTS or wanted.host.endswith(".aircall.io")
    assert wanted.host == urlsplit(url).hostname == parse_url(url).host
    assert wanted.target.startswith("/") and wanted.target.isascii() and wanted.target.isprintable()


@given(URLS)
def test_any_redirect_is_refused_or_goes_to_a_listed_host(location: str) -> None:
    try:
        wanted = allowed(Wanted("storage.test", "/a?b").joined(location), HOSTS)
    except ForbiddenAddress:
        return
    assert wanted.host in HOSTS or wanted.host.endswith(".aircall.io")


PRIVATE = [
    *("127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0.0.0.0", "0.1.2.3"),
    *("169.254.169.254", "169.254.170.2", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1"),
    *("192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.9.9.9", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fd12::1"),
    *("ff02::1", "fec0::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1", "64:ff9b:1::808:808"),
    *("::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:224.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b::10.0.0.1", "2002:a9fe:a9fe::1", "2002:808:808::1", "2001::4136:e378:8000:63bf:3fff:fdd2"),
    *("2001:0:7f00:1::1", "2001:10::1", "2001:2::1", "localhost", "", "2852039166", "0251.0376.0251.0376", "127.1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_local_special_or_disguised_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "52.95.154.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111"),
        *("2a05:d012::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"),
    ],
)
def test_what_anybody_may_have_is_public(address: str) -> None:
    assert is_public(address)
