"""Bank data that people type is not kept."""

import pytest

from chalicelib.speech.typed import without_numbers


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ma carte 4111 1111 1111 1111.", "Ma carte [chiffres]."),
        ("4111-1111-1111-1111", "[chiffres]"),
        ("378282246310005 et 5555555555554444", "[chiffres] et [chiffres]"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", "IBAN [chiffres]"),
        ("DE89370400440532013000", "[chiffres]"),
        ("Rappelez-moi au +33 6 39 98 12 34 le 24/11/2026.", "Rappelez-moi au +33 6 39 98 12 34 le 24/11/2026."),
        ("Appel du 3 mars à 9 h 30, commande 12345678.", "Appel du 3 mars à 9 h 30, commande 12345678."),
    ],
)
def test_a_number_as_long_as_a_card_is_taken_out_and_a_telephone_stays(written: str, kept: str) -> None:
    assert without_numbers(written, "fr") == kept
