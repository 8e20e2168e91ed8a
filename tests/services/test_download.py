"""The link to a package: once, for a while, for whoever has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.errors import StaleRequest, UnknownLink
from chalicelib.law.request import Request, Right, Status
from chalicelib.services import places
from chalicelib.services.download import arrived, follow, offer
from tests.machines import NOW
from tests.policies import policy
from tests.services.packing import ACCESS, House

ENDS = datetime(2026, 11, 30, 23, tzinfo=UTC)
"""Midnight in Paris, seven days after the answer's day."""


def answered(house: House, request: Request = ACCESS, **changes: object) -> Request:
    """A request of which the package lies ready."""
    packed = house.packed(request)
    said = {"answered_on": date(2026, 11, 24), "sha256": packed.sha256, "package": packed.attempt}
    done = replace(request, state=Status.ANSWERED, **said | changes)  # type: ignore[arg-type]
    house.requests.add(done, NOW)
    return house.requests.rows[request.id]


def test_a_link_opens_the_package_once() -> None:
    house = House()
    request = answered(house)
    token = offer(house.machine, request, NOW)
    assert token and len(token) >= 32
    assert follow(house.machine, "rq1", token, NOW) == (
        f"https://exports.example/rq1/{request.package}.zip?lasts=300&name=sourdine-rq1.zip"
    )
    with pytest.raises(UnknownLink):
        follow(house.machine, "rq1", token, NOW)


def test_the_token_itself_is_kept_nowhere() -> None:
    house = House()
    token = offer(house.machine, answered(house), NOW)
    assert token and token not in repr(house)


def test_another_offer_ends_the_one_before() -> None:
    house = House()
    request = answered(house)
    first, second = (offer(house.machine, request, NOW) for _ in range(2))
    assert first and second and first != second
    assert follow(house.machine, "rq1", offer(house.machine, request, NOW) or "", NOW)
    with pytest.raises(UnknownLink):
        follow(house.machine, "rq1", first, NOW)


def test_wrong_used_foreign_and_late_links_are_told_the_same() -> None:
    house, said = House(), set[str]()
    request, other = answered(house), answered(house, replace(ACCESS, id="rq9"))
    token, foreign = offer(house.machine, request, NOW), offer(house.machine, other, NOW)
    for request_id, wrong, now in (
        ("rq9", token, NOW),
        ("rq0", token, NOW),
        ("rq1", foreign, NOW),
        ("rq1", token, NOW),  # the one try was the foreign one's
        ("rq1", offer(house.machine, request, NOW), ENDS),
    ):
        with pytest.raises(UnknownLink) as caught:
            follow(house.machine, request_id, wrong or "", now)
        said.add(str(caught.value))
    assert len(said) == 1


def test_after_the_packages_term_nothing_is_offered_nor_opened() -> None:
    house = House()
    request = answered(house)
    token = offer(house.machine, request, ENDS - timedelta(seconds=1))
    assert token and offer(house.machine, request, ENDS) is None
    with pytest.raises(UnknownLink):
        follow(house.machine, "rq1", token, ENDS)


def test_a_shorter_term_of_the_policys_ends_it_sooner() -> None:
    house = House(policy=policy(("[keeping]", "[keeping]\nexports = { days = 2 }")))
    request = answered(house)
    assert offer(house.machine, request, NOW + timedelta(days=1))
    assert offer(house.machine, request, NOW + timedelta(days=2)) is None


def test_nothing_is_offered_where_there_is_no_answer_or_no_package() -> None:
    house = House()
    request = answered(house)
    for none in (
        replace(request, state=Status.ACCEPTED),
        replace(request, downloaded=True),
        replace(request, answered_on=None),
        replace(request, id="never-packed"),
    ):
        assert offer(house.machine, none, NOW) is None


def test_a_link_whose_package_is_gone_opens_nothing() -> None:
    house = House()
    token = offer(house.machine, answered(house), NOW)
    house.objects.empty(places.exports("rq1"))
    with pytest.raises(UnknownLink):
        follow(house.machine, "rq1", token or "", NOW)


def test_what_arrived_is_written_down_and_deleted_here() -> None:
    house = House()
    request = answered(house)
    token = offer(house.machine, request, NOW) or ""
    with pytest.raises(UnknownLink):
        arrived(house.machine, "rq1", token, NOW)  # nobody downloaded it yet
    follow(house.machine, "rq1", token, NOW)
    with pytest.raises(UnknownLink):
        arrived(house.machine, "rq1", "another", NOW)
    assert arrived(house.machine, "rq1", token, NOW).downloaded
    assert [(line.ground, line.by) for line in house.requests.log("rq1")][-1] == ("downloaded", "data-subject")
    assert house.objects.empty(places.exports("rq1")) == 0
    assert offer(house.machine, house.requests.rows["rq1"], NOW) is None
    with pytest.raises(UnknownLink):
        arrived(house.machine, "rq1", token, NOW)


def test_whoever_writes_the_request_meanwhile_does_not_undo_it() -> None:
    house = House()
    request = answered(house, right=Right.ACCESS)
    token = offer(house.machine, request, NOW) or ""
    follow(house.machine, "rq1", token, NOW)
    write, failed = house.requests.write, iter([True, False])

    class Racing(type(house.requests)):  # type: ignore[misc]
        def write(self, row: Request, ground: str, at: datetime) -> Request:
            if next(failed, False):
                write(replace(request, reasons="told"), "noted", at)
                raise StaleRequest("somebody else did")
            return super().write(row, ground, at)  # type: ignore[no-any-return]

    house.requests = Racing(house.requests.rows, house.requests.lines)
    assert arrived(house.machine, "rq1", token, NOW).downloaded
    assert house.requests.rows["rq1"].reasons == "told"


def test_a_refusal_is_a_letter_that_is_had_like_any_other() -> None:
    house = House()
    assert offer(house.machine, replace(answered(house), state=Status.REFUSED), NOW)
