"""A number leads to whose it is, or to nobody."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.telephony.numbers import address, addresses, e164, is_own, of_line, takes_texts
from chalicelib.telephony.read import lines_without_plus

NUMBER = "tel:+33639981234"
ALICE = "alice@exemple.example"


@pytest.mark.parametrize(
    "text",
    [
        "06 39 98 12 34", "0639981234", "06.39.98.12.34", "06-39-98-12-34", "06/39/98/12/34", " 06 39 98 12 34 ",
        "06\u00a039\u202f98\u00a012\u00a034", "+33639981234", "+33 6 39 98 12 34", "+33 (0)6 39 98 12 34",
        "(+33) 6 39 98 12 34", "0033639981234", "tel:+33639981234", "tel:+33639981234;ext=5", "TEL:0639981234",
        "sip:+33639981234@pbx.example", "sips:0639981234@10.0.0.1:5061;transport=tls", "06 39 98 12 34 ext. 5",
        "06 39 98 12 34 poste 12", "0639981234x12",
    ],
)  # fmt: skip
def test_a_number_is_one_however_it_is_written(text: str) -> None:
    assert address(text, "FR") == of_line(text, "FR") == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "687123456", "376312345", "33639981234", "639981234", "12345678", "client:alice612345678", "agent-612345678",
        "client:user_0612345678", "sip:trunk612345678@pbx", "sip:alice0612345678@pbx.example", "192.168.10.123",
        "sip:192.168.10.123", "sip:10.12.34.56:5060", "sip:0639981234:secret@pbx", "06399812FLOWERS", "3201", "3639",
        "118218", "+33118218", "20261124093000", "2026-11-24", "0000000000", "+33000000000", "+0639981234",
        "tel:0639981234;phone-context=+32", "０６３９９８１２３４", "٠٦٣٩٩٨١٢٣٤", "06 39 98 12 34\n", "06 39\n98 12 34",
        "06 39 98 12 34, 06 39 98 56 78", "0639981234 0639985678", "+", "", "x", "+33 6 39 98 12 34 ext 123456789",
    ],
)  # fmt: skip
def test_whatever_is_no_number_at_home_and_says_no_country_is_nobodys(text: str) -> None:
    found = {address(text, "FR"), of_line(text, "FR")}
    assert found == ({NUMBER} if text.strip() == "06 39 98 12 34" else {None})


@pytest.mark.parametrize(
    "text",
    [
        "anonymous", "Unavailable", "restricted", "unknown", "Private", "+266696687", "266696687", "+86282452253",
        "+7378742833", "+17378742833", "+2562533", "+8656696", "+464", "anonymous@anonymous.invalid",
        "sip:anonymous@anonymous.invalid", "unknown@pbx.example", "Restricted@pbx.example",
    ],
)  # fmt: skip
def test_who_withholds_their_number_is_nobody(text: str) -> None:
    assert addresses([text, *lines_without_plus(text)], "FR") == ()


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("687123456", "NC", None),
        ("+687123456", "FR", "+687123456"),
        ("07700 900123", "GB", "+447700900123"),
        ("(020) 7946 0958", "GB", "+442079460958"),
        ("0471 12 34 56", "BE", "+32471123456"),
        ("612 345 678", "ES", "+34612345678"),
        ("376312345", "ES", None),
        ("33639981234", "ES", None),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+39 06 1234 5678", "FR", "+390612345678"),
        ("06 20 123 4567", "HU", "+36201234567"),
        ("0639981234", "ZZ", None),
    ],
)
def test_each_country_dials_in_its_own_way(text: str, country: str, number: str | None) -> None:
    assert e164(text, country) == number


SOME = st.text(st.sampled_from("+0123456789 ().-/@;:xa"), max_size=24) | st.text(max_size=24)


@given(SOME | st.from_regex(r"(tel:|sip:)?[+0]?[0-9 ()./-]{6,16}(@pbx\.example|;ext=[0-9]{2})?", fullmatch=True))
def test_whatever_is_written_its_digits_are_the_numbers_and_no_others(text: str) -> None:
    for country, trunk in (("FR", "0"), ("ES", ""), ("HU", "06")):
        found = e164(text, country)
        if found is None:
            continue
        whole = re.sub("[^0-9]", "", re.split(r"@|;|x|#|ext|poste", text, flags=re.IGNORECASE)[0])
        code = str(phonenumbers.parse(found).country_code)
        national = found.removeprefix(f"+{code}")
        home = f"{code}{trunk}{national}", f"{trunk}{national}"
        abroad = f"{code}{national}", f"00{code}{national}"
        own = phonenumbers.ndd_prefix_for_region(phonenumbers.region_code_for_country_code(int(code)), True) or ""
        assert whole in (*home, *abroad, f"{code}{own}{national}", f"00{code}{own}{national}")


@given(SOME, st.sampled_from(["FR", "ES", "US", "ZZ", ""]))
def test_whatever_is_written_is_read(text: str, country: str) -> None:
    for found in (address(text, country), of_line(text, country)):
        assert found is None or re.fullmatch(r"tel:\+[1-9][0-9]{6,16}|mailto:[!-~]+@[!-~]+", found)


@pytest.mark.parametrize(
    "text",
    [
        ALICE,
        "Alice@Exemple.Example",
        "a.b+c@mail.exemple.example",
        "o'neil@exemple.example",
        "a@xn--exmple-cua.example",
    ],
)
def test_an_address_is_one_whatever_its_capitals(text: str) -> None:
    assert address(text, "FR") == of_line(text, "FR") == f"mailto:{text.lower()}"


@pytest.mark.parametrize(
    "text",
    [
        "a0<victim@bank.example>", "a,b@bank.example", "a;b@bank.example", "Alice <alice@bank.example>",
        '"a"@bank.example', ".a@bank.example", "a..b@bank.example", "a.@bank.example", "a@bank", "a@.example",
        "a@-bank.example", "a@bank-.example", "a@bank..example", "a@192.168.1.2", "a@[192.168.1.2]", "a@b@bank.example",
        "@bank.example", "a@", "a\r\nBcc:b@bank.example", "\u212aate@bank.example", "é@bank.example",
        "a@bank.example\0", "mailto:a@bank.example", f"{'a' * 65}@bank.example",
        f"a@{'b' * 64}.example", f"a@{'b.' * 130}example",
    ],
)  # fmt: skip
def test_what_would_write_to_somebody_else_is_no_address(text: str) -> None:
    assert address(text, "FR") is None


def test_what_is_a_number_at_a_telephone_system_is_an_address_of_somebody_who_writes() -> None:
    assert of_line("0639981234@pbx.local", "FR") == NUMBER
    assert address("0639981234@pbx.local", "FR") == "mailto:0639981234@pbx.local"


@pytest.mark.parametrize(
    ("own", "line", "is_ours"),
    [
        ("01 99 00 *", "01 99 00 12 34", True),
        ("01 99 00*", "+33199005678", True),
        ("+33 1 99 00 *", "0199005678", True),
        ("01 99 00 *", "01 99 01 12 34", False),
        ("01 99 00 12 34", "+33199001234", True),
        ("01 99 00 12 34", "+33199001235", False),
        ("contact@exemple.example", "Contact@exemple.example", True),
    ],
)
def test_the_controllers_own_lines_lead_to_nobody(own: str, line: str, is_ours: bool) -> None:
    found = addresses([line], "FR", [own])
    assert (found == ()) is is_ours
    assert is_own(of_line(line, "FR") or "", "FR", [own]) is is_ours


def test_a_provider_that_leaves_the_plus_out_has_it_put_back() -> None:
    said = lines_without_plus("33639981234", "+33639985678", "0639981234", "3201", "123456", "anonymous", None)
    assert said == ("+33639981234", "+33639985678", "0639981234", "3201", "123456", "anonymous")
    assert addresses(lines_without_plus("687123456"), "FR") == ("tel:+687123456",)


@pytest.mark.parametrize(
    ("number", "takes"),
    [
        ("+33639981234", True),
        ("+33199001234", True),
        ("+262692123456", True),
        ("+33899123456", False),
        ("+33820123456", False),
        ("+447012345678", False),
        ("+79123456789", False),
        ("+882161234567", False),
    ],
)
def test_text_messages_are_sent_where_they_cost_what_they_cost(number: str, takes: bool) -> None:
    assert takes_texts(f"tel:{number}", {"FR", "RE", "GB"}) is takes


def test_an_address_takes_no_text() -> None:
    assert takes_texts(f"mailto:{ALICE}", {"FR"}) is False
