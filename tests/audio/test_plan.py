"""The plan of a multipart upload: whatever changes, the parts are legal and make the file."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audio.plan import LEAST, Copy, Piece, Written, pieces

GIB = 1 << 30
sizes = st.one_of(st.integers(1, 4 * LEAST), st.integers(1, 4 * GIB), st.integers(4 * GIB, 16 * GIB))


@st.composite
def files(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int]]]:
    """Size of the redacted file, shift, changed ranges in any order."""
    size = draw(sizes)
    near = st.integers(0, 3 * LEAST).map(lambda n: min(n, size))
    edges = st.tuples(st.one_of(st.integers(0, size), near, near.map(lambda n: size - n)), st.integers(1, 3 * LEAST))
    changed = [(at, min(at + n, size)) for at, n in draw(st.lists(edges, max_size=40)) if at < size]
    shift = draw(st.sampled_from([0, 0, -14, 36, 70_000]))
    return size, shift, changed if shift == 0 else [(0, min(size, 46)), *changed]


def places(found: list[Piece], shift: int) -> list[tuple[int, int]]:
    """Of each piece, its place in the redacted file."""
    return [(p.first - shift, p.last - shift) if isinstance(p, Copy) else (p.first, p.last) for p in found]


@given(files())
def test_the_pieces_are_the_file_once_and_in_order(file: tuple[int, int, list[tuple[int, int]]]) -> None:
    size, shift, changed = file
    found = places(pieces(size, shift, changed), shift)
    assert found[0][0] == 0 and found[-1][1] == size
    assert [last for _, last in found[:-1]] == [first for first, _ in found[1:]]


@given(files())
def test_every_piece_is_a_legal_part(file: tuple[int, int, list[tuple[int, int]]]) -> None:
    size, shift, changed = file
    found = pieces(size, shift, changed)
    lengths = [piece.last - piece.first for piece in found]
    assert all(length >= LEAST for length in lengths[:-1])
    assert lengths[-1] > 0 and max(lengths) <= 5 * GIB and len(found) <= 10_000
    for piece, length in zip(found, lengths, strict=True):
        assert length <= 2 * LEAST if isinstance(piece, Written) else length >= LEAST and piece.first >= 0


@given(files())
def test_no_changed_byte_is_copied(file: tuple[int, int, list[tuple[int, int]]]) -> None:
    size, shift, changed = file
    found = pieces(size, shift, changed)
    copied = [place for piece, place in zip(found, places(found, shift), strict=True) if isinstance(piece, Copy)]
    for first, last in changed:
        assert not any(start < last and first < end for start, end in copied)


def test_what_is_far_from_any_change_is_copied() -> None:
    size = 100 * LEAST
    assert pieces(size, 0, []) == [Copy(0, 50 * LEAST), Copy(50 * LEAST, size)]
    assert pieces(size, 0, [(90 * LEAST, 90 * LEAST + 1)])[-2:] == [
        Written(90 * LEAST, 91 * LEAST),
        Copy(91 * LEAST, size),
    ]
    assert pieces(3 * LEAST, 36, [(0, 46), (3 * LEAST - 1, 3 * LEAST)]) == [
        Written(0, LEAST),
        Copy(LEAST + 36, 3 * LEAST - 1 + 36),
        Written(3 * LEAST - 1, 3 * LEAST),
    ]
