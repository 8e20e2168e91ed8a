"""An agent says that they read the notice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.adapters.acknowledgements import MemoryAcknowledgements
from chalicelib.adapters.memory import MemoryPseudonyms
from chalicelib.errors import InvalidRequest, NoticeNotCurrent
from chalicelib.services.acknowledge import acknowledge, acknowledged
from chalicelib.services.ports import Acknowledgement
from tests.regimes import changed, example

AT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
NAMES = MemoryPseudonyms()


def test_the_version_in_force_is_written_under_an_opaque_reference() -> None:
    kept = MemoryAcknowledgements()
    done = acknowledge(kept, NAMES, example(), "jeanne.martin", "2026-11-24", AT)
    assert done == Acknowledgement("2026-11-24", AT)
    assert kept.of(NAMES.of("agent", "jeanne.martin")) == [done] == acknowledged(kept, NAMES, "jeanne.martin")
    assert "jeanne" not in repr(kept)


def test_repeating_it_gives_the_first_moment_again() -> None:
    kept = MemoryAcknowledgements()
    first = acknowledge(kept, NAMES, example(), "a", "2026-11-24", AT)
    assert acknowledge(kept, NAMES, example(), "a", "2026-11-24", AT + timedelta(days=9)) == first


def test_it_ends_five_years_after_its_day_in_the_controllers_zone() -> None:
    ends: list[date] = []

    class Watching(MemoryAcknowledgements):
        def add(self, agent: str, version: str, at: datetime, until: date) -> Acknowledgement:
            ends.append(until)
            return MemoryAcknowledgements.add(self, agent, version, at, until)

    acknowledge(Watching(), NAMES, example(), "a", "2026-11-24", AT)
    assert ends == [date(2031, 11, 25)]


@pytest.mark.parametrize("version", ["2026-11-23", "", "2026-11-24 "])
def test_another_version_is_refused_and_the_one_in_force_named(version: str) -> None:
    kept = MemoryAcknowledgements()
    with pytest.raises(NoticeNotCurrent, match=r"2026-11-24") as refused:
        acknowledge(kept, NAMES, example(), "a", version, AT)
    assert refused.value.current == "2026-11-24"
    assert acknowledged(kept, NAMES, "a") == []


def test_a_new_policy_is_acknowledged_anew() -> None:
    kept = MemoryAcknowledgements()
    acknowledge(kept, NAMES, example(), "a", "2026-11-24", AT)
    acknowledge(kept, NAMES, changed(('version = "2026-11-24"', 'version = "2027"')), "a", "2027", AT)
    assert [found.version for found in acknowledged(kept, NAMES, "a")] == ["2026-11-24", "2027"]


@pytest.mark.parametrize("version", [None, 7, [], {}, True])
def test_a_version_is_a_text(version: object) -> None:
    with pytest.raises(InvalidRequest):
        acknowledge(MemoryAcknowledgements(), NAMES, example(), "a", version, AT)


@pytest.mark.parametrize("agent", ["", "  ", "a\nb", "a\x00", "a%40b", "a" * 129])
def test_what_is_no_id_is_refused_and_not_repeated(agent: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        acknowledged(MemoryAcknowledgements(), NAMES, agent)
    assert not agent.strip() or agent not in str(refused.value)
