"""The seeded calls keep their promises: truth inside the call, numbers said right, surfaces and noise as announced."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from chalicelib.model import Finding, Span, Transcript
from chalicelib.spans import merge
from tests.bench.measure import judge
from tests.corpus.speech import values
from tests.corpus.speech.bank import BANK
from tests.corpus.speech.calls import LANGUAGES, NEGATIVES, POSITIVES, Spoken, call, kinds_of
from tests.corpus.speech.data import Datum
from tests.corpus.speech.figures import STYLES, Figure, Voice, spread
from tests.corpus.speech.noise import NOISES
from tests.corpus.speech.numbers import say
from tests.corpus.speech.phrases import HELD_OUT, Book
from tests.corpus.speech.surfaces import SURFACES
from tests.corpus.speech.teller import Teller

EVERY = [(language, kind) for language in LANGUAGES for kind in kinds_of(language)]

SAID = [
    ("fr", 0, "zéro"), ("fr", 21, "vingt et un"), ("fr", 71, "soixante et onze"), ("fr", 77, "soixante-dix-sept"),
    ("fr", 80, "quatre-vingts"), ("fr", 81, "quatre-vingt-un"), ("fr", 91, "quatre-vingt-onze"), ("fr", 100, "cent"),
    ("fr", 200, "deux cents"), ("fr", 203, "deux cent trois"), ("fr", 1000, "mille"), ("fr", 1978,
    "mille neuf cent soixante-dix-huit"), ("fr", 4970, "quatre mille neuf cent soixante-dix"),
    ("fr", 6080, "six mille quatre-vingts"), ("fr-BE", 71, "septante et un"), ("fr-BE", 80, "quatre-vingts"),
    ("fr-BE", 97, "nonante-sept"), ("fr-CH", 88, "huitante-huit"), ("fr-CH", 91, "nonante et un"),
    ("en", 21, "twenty-one"), ("en", 105, "one hundred and five"), ("en-US", 105, "one hundred five"),
    ("en", 4970, "four thousand nine hundred and seventy"), ("en", 2005, "two thousand and five"),
    ("es", 16, "dieciséis"), ("es", 22, "veintidós"), ("es", 31, "treinta y uno"), ("es", 100, "cien"),
    ("es", 555, "quinientos cincuenta y cinco"), ("es", 1101, "mil ciento uno"),
    ("de", 1, "eins"), ("de", 21, "einundzwanzig"), ("de", 101, "einhunderteins"), ("de", 4970,
    "viertausendneunhundertsiebzig"), ("it", 21, "ventuno"), ("it", 28, "ventotto"), ("it", 33, "trentatré"),
    ("it", 123, "centoventitré"), ("it", 2003, "duemilatré"), ("pt", 17, "dezassete"), ("pt", 100, "cem"),
    ("pt", 123, "cento e vinte e três"), ("pt", 1200, "mil e duzentos"), ("pt", 2025, "dois mil e vinte e cinco"),
    ("nl", 22, "tweeëntwintig"), ("nl", 31, "eenendertig"), ("nl", 123, "honderddrieëntwintig"),
    ("nl", 4970, "vierduizend negenhonderdzeventig"),
]  # fmt: skip


@pytest.mark.parametrize(("tongue", "value", "words"), SAID)
def test_a_number_is_said_as_people_say_it(tongue: str, value: int, words: str) -> None:
    assert " ".join(say(value, tongue)) == words


@pytest.mark.parametrize("tongue", ["fr", "fr-BE", "fr-CH", "en", "en-US", "es", "de", "it", "pt", "nl"])
def test_no_two_numbers_are_said_alike(tongue: str) -> None:
    assert len({say(value, tongue) for value in range(10_000)}) == 10_000


_NAMES = """
zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente
quarante cinquante soixante septante huitante nonante zero oh nought one two three four five seven eight nine
ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty
seventy eighty ninety
"""
_WORTH = (*range(17), *range(20, 100, 10), 0, 0, 0, 1, 2, 3, 4, 5, 7, 8, 9, *range(10, 20), *range(20, 100, 10))
VALUES = dict(zip(_NAMES.split(), _WORTH, strict=True))


def read(words: tuple[str, ...]) -> str:
    """A reader of its own for French and English: the digits that the words of one figure say."""
    said = [part for word in words for part in word.split("-") if part not in ("et", "and", "le", "fois", "times")]
    if said[0] in ("double", "triple") or {"fois", "times"} & set(words):
        return str(VALUES[said[-1]]) * {"double": 2, "deux": 2, "two": 2}.get(said[0], 3)
    zeros = next((i for i, word in enumerate(said) if VALUES.get(word) != 0), len(said))
    total = part = 0
    for word in said[zeros:]:
        if word in ("mille", "thousand"):
            total, part = total + max(part, 1) * 1000, 0
        elif word in ("cent", "cents", "hundred"):
            part = max(part, 1) * 100
        elif word in ("vingt", "vingts") and part % 100 == 4:
            part += 76
        else:
            part += VALUES[word]
    return "0" * zeros + (str(total + part) if said[zeros:] else "")


@pytest.mark.parametrize("language", ["fr-FR", "fr-BE", "fr-CH", "en-GB", "en-US"])
@pytest.mark.parametrize("style", STYLES)
def test_the_digits_spoken_are_those_of_the_number(language: str, style: str) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        number = values.card(rng)
        figures = [item for group in spread(number, style, Voice.of(rng, language), rng) for item in group]
        assert all(isinstance(item, Figure) for item in figures)
        assert "".join(read(item.words) for item in figures if isinstance(item, Figure)) == number
        assert "".join(item.value for item in figures if isinstance(item, Figure)) == number


def test_numbers_pass_the_checks_that_real_ones_pass() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        card = values.card(rng)
        assert values.luhn(card[:-1]) == card and len(card) in (15, 16)
        iban = values.iban(rng, rng.choice(("fr-FR", "fr-BE", "en-GB")))
        assert values.mod97(iban[4:] + iban[:4]) == 1
        bank, branch, account, key = values.rib(rng)
        assert int(bank + branch + account + key) % 97 == 0


def test_some_callers_stumble() -> None:
    def stumbles(seed: int) -> bool:
        rng = random.Random(seed)
        datum = Datum.of("card", Teller(rng, "fr-FR", Voice.of(rng, "fr-FR"), Book("fr", False)))
        return values.luhn(datum.characters[:-1]) != datum.characters

    assert 0.04 < sum(map(stumbles, range(1000))) / 1000 < 0.1


@pytest.mark.parametrize(("language", "kind"), EVERY)
def test_every_bank_word_lies_inside_its_call_and_was_said(language: str, kind: str) -> None:
    for seed in range(4):
        spoken = call(seed, language, kind)
        said = {word.span for word in spoken.verbatim}
        assert {span for span, _ in spoken.truth} | set(spoken.audible) <= said
        assert all(0 <= span.start_ms < span.end_ms <= spoken.duration_ms for span in said)
        assert not {span for span, _ in spoken.truth} & set(spoken.audible)
        assert bool(spoken.truth) == (kind in POSITIVES)
        assert bool(spoken.audible) or kind in (*POSITIVES, "smalltalk")
        assert 30_000 < spoken.duration_ms < 720_000


def test_the_truth_names_the_kind_that_was_asked_for() -> None:
    for kind in BANK:
        assert {named for _, named in call(7, "fr-FR", kind).truth} == {kind}
    assert {named for _, named in call(1, "fr-FR", "full-payment").truth} == {"card", "expiry", "security-code"}


@pytest.mark.parametrize("kind", NEGATIVES)
def test_a_harmless_call_holds_no_bank_word(kind: str) -> None:
    for language in LANGUAGES:
        if kind in kinds_of(language):
            assert not any(call(seed, language, kind).truth for seed in range(10))


def test_words_of_one_party_never_overlap_and_those_of_two_do() -> None:
    overlaps = 0
    for seed in range(20):
        words = call(seed, "fr-FR", "card").verbatim
        for channel in (0, 1):
            mine = [word.span for word in words if word.span.channel == channel]
            assert all(a.end_ms <= b.start_ms for a, b in pairwise(mine))
        overlaps += any(a.span.end_ms > b.span.start_ms for a, b in pairwise(words))
    assert overlaps > 5


def covered(spoken: Spoken) -> list[Span]:
    return merge((word.span for word in spoken.transcript.words), gap_ms=2_500)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("language", ["fr-FR", "en-GB", "de-DE"])
def test_a_surface_covers_the_time_that_the_words_took(surface: str, language: str) -> None:
    for seed in range(6):
        plain, dressed = call(seed, language, "full-payment"), call(seed, language, "full-payment", surface)
        assert dressed.truth == plain.truth and dressed.duration_ms == plain.duration_ms
        assert covered(dressed) == covered(plain)
        for word in plain.verbatim:
            assert any(w.span.overlaps(word.span) for w in dressed.transcript.words), word


def test_surfaces_write_as_their_names_say() -> None:
    texts = {s: [w.text for w in call(3, "fr-FR", "card", s).transcript.words] for s in SURFACES}
    assert any("-" in text for text in texts["verbatim"]) and not any("-" in text for text in texts["split"])
    assert not any(re.search(r"\d", text) for text in texts["verbatim"] + texts["split"])
    assert any(re.fullmatch(r"[\d-]{7,}", text) for seed in range(9) for text in _texts(seed, "numerals-joined"))
    assert all(len(text) == 1 for text in texts["numerals-digits"] if text.isdigit())
    assert any(text[:1].isupper() for text in texts["punctuated"])
    assert all(re.search(r"\d", " ".join(texts[s])) for s in ("numerals-per-group", "numerals-joined", "mixed"))


def _texts(seed: int, surface: str) -> list[str]:
    return [word.text for word in call(seed, "fr-FR", "card", surface).transcript.words]


@pytest.mark.parametrize("noise", NOISES)
def test_noise_spoils_as_many_words_as_it_says(noise: int) -> None:
    said = changed = 0
    for seed in range(24):
        clean = {(w.span, w.text) for w in call(seed, "en-GB", "order").transcript.words}
        noisy = {(w.span, w.text) for w in call(seed, "en-GB", "order", noise=noise).transcript.words}
        said += len(clean)
        changed += len(clean - noisy) + sum(1 for span, _ in noisy if span not in {s for s, _ in clean})
    assert noise * 0.7 <= 100 * changed / said <= noise * 1.3


def test_noise_leaves_the_truth_alone() -> None:
    assert call(5, "fr-FR", "card", "split", 8).truth == call(5, "fr-FR", "card").truth


def test_the_same_seed_makes_the_same_call_and_another_makes_another() -> None:
    for language, kind in EVERY[::5]:
        once = call(11, language, kind, "mixed", 3)
        assert once == call(11, language, kind, "mixed", 3)
        assert once.transcript != call(12, language, kind, "mixed", 3).transcript


def test_held_out_seeds_know_phrases_that_no_development_seed_knows() -> None:
    seen, all_lines = Book("fr", False).lines("card", "ask"), Book("fr", True).lines("card", "ask")
    assert set(seen) < set(all_lines) and len(seen) >= 25
    assert len(Book("en", False).lines("card", "ask")) >= 20
    assert HELD_OUT == 1000


def test_a_call_of_a_kind_that_a_language_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no rib calls in en-GB"):
        call(0, "en-GB", "rib")


def test_the_bench_finds_no_fault_with_the_truth_itself() -> None:
    for seed in range(5):
        spoken = call(seed, "fr-FR", "full-payment", "split", 8)
        tally = judge(spoken, lambda _, __, truth=spoken.truth: [Finding(s, k, 1.0, "truth") for s, k in truth]).tally
        assert tally.sensitive == len(spoken.truth) > 0
        assert (tally.leaked, tally.leaky_calls, tally.far_ms) == (0, 0, 0)


def test_the_bench_sees_what_is_missed_and_what_is_muted_for_nothing() -> None:
    spoken, harmless = call(1, "en-GB", "card"), call(1, "en-GB", "telephone")
    deaf = judge(spoken, lambda _, __: []).tally
    assert deaf.leaked == deaf.sensitive and deaf.leaky_calls == 1 and deaf.far_ms == 0

    def all_of_it(transcript: Transcript, language: str) -> list[Finding]:
        return [Finding(Span(0, 10**7), "card", 1.0, "all")]

    tally = judge(harmless, all_of_it).tally
    assert tally.muted_negatives == tally.negatives == 1 and tally.muted_other == tally.other > 0
    assert tally.far_ms == 2 * harmless.duration_ms
    last = spoken.truth[-1][0]
    most = judge(spoken, lambda _, __: [Finding(Span(0, last.start_ms - 200, last.channel), "card", 1.0, "short")])
    assert last in most.leaked
