# SPDX-License-Identifier: AGPL-3.0-only
"""The proofs, as much of them as fits into a few seconds; `make proofs` shows all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import z3

from inverse_index.chain import LocalBackend
from tests.support.proof_harness import ProofHarness

from . import flows, lemmas, rounded, shares, venues
from .compared import COMPARISONS, Comparison
from .faults import GROUPS, unnoticed
from .lemmas import LEMMAS, Lemma
from .proof import WORD, Property, Refuted, among, shown, signed, upto
from .registry import PROPERTIES, proofs, table, table_path, without_times

QUICK_FAULTS = ("words", "streaming fee and exits")


@pytest.fixture(scope="module")
def harness(chain: LocalBackend, owner: str) -> ProofHarness:
    """With the contracts that hold the properties."""
    made = ProofHarness(chain, owner)
    for name in sorted({each.contract for each in PROPERTIES.values()} | {"PropertyChecker"}):
        made.contract(name)
    return made


@pytest.mark.parametrize("lemma", LEMMAS, ids=lambda each: each.name)
def test_lemma(lemma: Lemma) -> None:
    lemma.prove()


@pytest.mark.parametrize("each", COMPARISONS, ids=lambda each: each.name)
def test_values(harness: ProofHarness, each: Comparison) -> None:
    each.run(harness)


@pytest.mark.parametrize("name", PROPERTIES)
def test_statement(harness: ProofHarness, name: str) -> None:
    """Corners and random points of the documented ranges, runs of the grid."""
    prop = PROPERTIES[name]
    assert harness.wide(prop) == sum(1 for _ in prop.wide_points())
    assert harness.sample(prop) > 0


@pytest.mark.parametrize("group", QUICK_FAULTS)
def test_planted_faults_are_noticed(chain: LocalBackend, owner: str, group: str) -> None:
    assert list(unnoticed(ProofHarness(chain, owner), group, PROPERTIES)) == []


def test_every_group_names_properties() -> None:
    for group in GROUPS.values():
        assert {fault.prop for fault in group} <= PROPERTIES.keys()


def test_no_name_comes_twice() -> None:
    lists = (shares.PROPERTIES, flows.PROPERTIES, venues.PROPERTIES)
    assert sum(map(len, lists)) == len(PROPERTIES)


def test_every_named_rounding_is_stated_or_shown_elsewhere() -> None:
    assert rounded.rounded() - rounded.stated() == rounded.ELSEWHERE.keys()


def test_the_table_is_the_one_of_these_proofs() -> None:
    assert table_path().exists(), "`make proofs` writes it"
    written = table_path().read_text()
    assert without_times(written) == without_times(table({})), "`make proofs` writes it anew"
    assert len([row for row in written.splitlines() if row.endswith(" |")]) > len(proofs())


# that a proof can fail


def _wrong() -> Iterator[Lemma]:
    mint_too_cheap = [*lemmas.STATE, *lemmas.floor(lemmas.a, lemmas.s * lemmas.n_all, lemmas.s_all)]
    yield Lemma(
        "rounded down",
        "",
        "",
        lambda: ([*mint_too_cheap, *lemmas._then_redeem()], lemmas._richer()),
    )
    generous = lemmas.ceiling(lemmas.s, lemmas.a * lemmas.s_all, lemmas.n_all)
    yield Lemma(
        "rounded up",
        "",
        "",
        lambda: ([*lemmas.STATE, *generous, *lemmas._then_redeem()], lemmas.r <= lemmas.a),
    )


@pytest.mark.parametrize("lemma", _wrong(), ids=lambda each: each.name)
def test_a_flipped_rounding_refutes_a_lemma(lemma: Lemma) -> None:
    with pytest.raises(Refuted, match="not for all values"):
        lemma.prove()


def test_premises_that_nothing_meets_are_no_proof() -> None:
    x = z3.Real("x")
    with pytest.raises(Refuted, match="nothing meets"):
        Lemma("empty", "", "", lambda: ([x > 1, x < 0], x == 5)).prove()


def test_a_point_that_fails_is_named(harness: ProofHarness) -> None:
    """Where a property is false, and where it reverts."""
    wraps = Property("PoolProperties", "quotient_up", "", ((2**255, WORD - 1), (2,)))
    with pytest.raises(Refuted, match=rf"after 1 at numerator={WORD - 1}, denominator=2"):
        harness.whole(wraps)
    signs = Property("PerpProperties", "rate", "", ((-7,), (1, 0), (1,)), (signed(1),) * 3)
    with pytest.raises(Refuted, match=r"after 1 at skew=-7, skew_scale=0, max_funding=1"):
        harness.whole(signs)
    with pytest.raises(Refuted, match=r"PerpProperties\.rate fails"):
        harness.wide(signs)


def test_how_ranges_are_told() -> None:
    assert shown(range(8)) == "0 to 7"
    assert shown((0, 1, 5)) == "0, 1, 5"
    assert shown((0, *range(11, 51, 10), 10**6)) == "0, 11 to 41 by 10, 10**6"
    assert shown([k * k for k in range(30)]) == "30 values from 0 to 841"
    assert (str(upto(112)), str(signed(96))) == ("0 to 2**112 - 1", "-(2**96 - 1) to 2**96 - 1")
    assert str(among(1, 10**12)) == "1, 10**12"
