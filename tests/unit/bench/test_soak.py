"""Whether memory is flat."""

import pytest

from services.bench.domain.soak import Sample, Soak


def soaked(*mib: float) -> Soak:
    samples = [Sample(30.0 * number, {"issuer": each}) for number, each in enumerate(mib)]
    return Soak("2026-11-22T10:00:00+00:00", 60, 2, 4, 900, 0, 0, {}, samples)


def test_what_fills_in_the_first_quarter_is_no_growth() -> None:
    found = soaked(50, 90, 100, 100, 100, 100, 100, 104)
    assert found.growth == {"issuer": pytest.approx(0.02)}
    assert found.flat is True


def test_what_goes_on_growing_is_not_flat() -> None:
    assert soaked(100, 110, 120, 130, 140, 150, 160, 170).flat is False


def test_the_driver_is_no_part_of_what_is_judged() -> None:
    samples = [
        Sample(30.0 * n, {"driver": 80.0 + 10 * n, "nats": 100.0, "issuer": 100.0 + n / 2}) for n in range(8)
    ]
    found = Soak("2026-11-22T10:00:00+00:00", 60, 2, 4, 900, 0, 0, {}, samples)
    assert [process for process, _ in found.gained_most] == ["issuer", "nats"]
    assert found.flat is True


def test_a_few_samples_tell_nothing() -> None:
    assert (soaked(100, 200, 300).growth, soaked(100, 200, 300).flat) == ({}, None)


def test_a_process_that_was_not_there_all_the_time_is_left_out() -> None:
    steady = soaked(*[100.0] * 8)
    later = Soak(
        steady.made_at, 60, 2, 4, 9, 0, 0, {},
        [*steady.samples[:-1], Sample(240.0, {"issuer": 100.0, "new": 1.0})],
    )  # fmt: skip
    assert set(later.growth) == {"issuer"}
