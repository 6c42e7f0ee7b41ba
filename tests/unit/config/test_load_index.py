# SPDX-License-Identifier: AGPL-3.0-only
"""Index definition files."""

from __future__ import annotations

from pathlib import Path

import pytest

from inverse_index.config import load_index
from inverse_index.errors import UserError

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


def write(folder: Path, components: str, rest: str = "") -> Path:
    path = folder / "index.yaml"
    path.write_text(f"name: Test index\n{rest}components:\n{components}", encoding="utf-8")
    return path


def lines(*pairs: tuple[str, str]) -> str:
    return "".join(f"  - {{symbol: {symbol}, weight: {weight}}}\n" for symbol, weight in pairs)


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_index(path)
    assert str(path) in caught.value.message
    return caught.value.message.removeprefix(f"{path}: ")


def test_equal_weights_of_seven_sum_to_one_with_the_rest_in_the_first() -> None:
    index = load_index(CONFIGS / "indices" / "defi7.yaml")
    assert index.symbols == ["UNI", "AAVE", "LINK", "MKR", "SNX", "COMP", "CRV"]
    assert index.weights_wad == [142_857_142_857_142_858] + [142_857_142_857_142_857] * 6
    assert sum(index.weights_wad) == 10**18
    assert index.base_level_wad == 100 * 10**18
    assert index.reweight_interval == 86_400


@pytest.mark.parametrize("count", range(1, 11))
def test_equal_weights_sum_to_one_for_every_count(tmp_path: Path, count: int) -> None:
    index = load_index(write(tmp_path, lines(*((f"S{i}", "equal") for i in range(count)))))
    assert len(index.weights_wad) == count
    assert sum(index.weights_wad) == 10**18
    assert index.weights_wad[0] - 10**18 // count in range(count)


def test_decimal_weights_are_exact(tmp_path: Path) -> None:
    index = load_index(write(tmp_path, lines(("A", "0.1"), ("B", "0.2"), ("C", "0.7"))))
    assert index.weights_wad == [10**17, 2 * 10**17, 7 * 10**17]


@pytest.mark.parametrize(
    ("text", "seconds"), [("none", 0), ("daily", 86_400), ("3600", 3_600), ("604_800", 604_800)]
)
def test_reweight(tmp_path: Path, text: str, seconds: int) -> None:
    index = load_index(write(tmp_path, lines(("A", "1")), f"reweight: {text}\n"))
    assert index.reweight_interval == seconds


def test_weights_off_by_a_digit_name_the_sum(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("A", "0.3333"), ("B", "0.3333"), ("C", "0.3333"))))
    assert message == "components: the weights sum to 0.9999, expected exactly 1 (off by -0.0001)"


def test_weights_of_two_kinds(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("A", "0.5"), ("B", "equal"))))
    assert (
        message
        == "components: some weights are `equal` and some numbers, expected one kind for all"
    )


def test_symbol_twice(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("A", "0.5"), ("A", "0.5"))))
    assert message == "components: A appears twice, expected each symbol once"


def test_eleven_components(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(*((f"S{i}", "equal") for i in range(11)))))
    assert message == "components: got 11, expected 1 to 10 components"


def test_no_component(tmp_path: Path) -> None:
    path = tmp_path / "index.yaml"
    path.write_text("name: Empty\ncomponents: []\n", encoding="utf-8")
    assert refused(path) == "components: got 0, expected 1 to 10 components"


@pytest.mark.parametrize(
    ("weight", "problem"),
    [
        ("0", "got '0', expected a number from 0.000001 to 1 or 'equal'"),
        ("-0.5", "got '-0.5', expected a number from 0.000001 to 1 or 'equal'"),
        ("1.5", "got '1.5', expected a number from 0.000001 to 1 or 'equal'"),
        (
            "half",
            "got 'half', expected a number from 0.000001 to 1 or 'equal' ('half' is not a number)",
        ),
        (
            "0.1234567890123456789",
            "got '0.1234567890123456789', expected a number from 0.000001 to 1 or 'equal' "
            "(0.1234567890123456789 has more than 18 decimal places)",
        ),
        (
            "",
            "got nothing, expected a number from 0.000001 to 1 or 'equal' (None is "
            "not an exact number)",
        ),
    ],
)
def test_bad_weight(tmp_path: Path, weight: str, problem: str) -> None:
    assert refused(write(tmp_path, lines(("A", weight)))) == f"components[0].weight: {problem}"


@pytest.mark.parametrize("text", ["weekly", "60", "-1", "31622401", "1.5"])
def test_bad_reweight(tmp_path: Path, text: str) -> None:
    message = refused(write(tmp_path, lines(("A", "1")), f"reweight: {text}\n"))
    assert message == (
        f"reweight: got '{text}', expected a whole number from 3600 to 31622400 "
        f"seconds or 'none' or 'daily'"
    )


def test_bad_symbol(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("'U N I'", "1"))))
    assert (
        message == "components[0].symbol: got 'U N I', expected a ticker of 1 to 16 letters "
        "and digits, such as UNI"
    )


def test_base_level_out_of_range(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("A", "1")), "base_level: 0.5\n"))
    assert message == "base_level: got '0.5', expected a number from 1 to 1000000000"


def test_unknown_key_suggests_the_near_one(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("A", "1")), "reweigth: daily\n"))
    assert message == "reweigth: unknown key (did you mean reweight?)"


def test_further_problems_are_counted(tmp_path: Path) -> None:
    message = refused(write(tmp_path, lines(("A", "2"), ("B", "3"), ("C", "4"))))
    assert message.endswith("or 'equal' (and 2 more problems in this file)")


def test_held_index_is_never_reweighted() -> None:
    index = load_index(CONFIGS / "indices" / "defi7-held.yaml")
    assert index.reweight_interval == 0
    assert index.weights_wad == load_index(CONFIGS / "indices" / "defi7.yaml").weights_wad
