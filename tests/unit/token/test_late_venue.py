# SPDX-License-Identifier: AGPL-3.0-only
"""The token on a vault that cannot quote, loses as it likes and may leave orders waiting.

What the token promises must not depend on a friendly vault: previews are the worst
case, exact-out flows never cost more, and a rebalance that does not help is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted, create_address
from inverse_index.chain.receipts import decode_reason
from inverse_index.config import AssetUnits
from inverse_index.deployment import Plan, deploy_system
from inverse_index.deployment.venues import Site
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256
from tests.support.plans import PARAMETERS, make_plan

PAID_IN = 100_000 * 10**6


@dataclass
class Late:
    """A token, its vault and its collateral."""

    chain: LocalBackend
    plan: Plan
    token: Any
    vault: Any
    board: Any
    collateral: Contract
    policy: Any


class LateBuilder:
    """A vault that is a venue of its own."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collateral(self) -> tuple[Contract, str | None]:
        return self._site.local_collateral(), None

    def venue(self, collateral: Contract, oracle: Contract, feeds: Mapping[str, AssetUnits]) -> Any:
        return None

    def vault(self, token: str, collateral: Contract, venue: Any) -> Contract:
        return self._site.new("LateVault", token, collateral, 1, self._site.plan.decimals)


@pytest.fixture
def late(chain: LocalBackend, owner: str, depositor: str) -> Late:
    """100,000 paid in without cost, no fees, 1% of slippage allowed."""
    free = replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0, reward_bps=0)
    plan = make_plan(parameters=free, fee_rate=0)
    s = deploy_system(chain, plan, owner, builder=LateBuilder)
    s.give(depositor, 10**15)
    s.collateral.approve(s.token, MAX_UINT256, sender=depositor)
    s.token.deposit(PAID_IN, depositor, sender=depositor)
    return Late(chain, plan, s.token, s.vault, s.board, s.collateral, s.policy)


def configured(
    plan: Plan, oracle: Contract, vault: Contract, policy: Contract, owner: str, **changes: Any
) -> dict[str, Any]:
    """The constructor's argument."""
    return {
        "name": plan.token_name,
        "symbol": plan.token_symbol,
        "oracle": oracle,
        "vault": vault,
        "policy": policy,
        "multiple": plan.multiple,
        "epoch_interval": plan.epoch_interval,
        "epoch_offset": plan.epoch_offset,
        "parameters": plan.parameters,
        "fee_rate": plan.fee_rate,
        "fee_recipient": owner,
        "guardian": owner,
        "nav_cap": plan.nav_cap,
    } | changes


@contextmanager
def refuses(chain: LocalBackend, reason: str) -> Iterator[None]:
    """A deployment fails with the reason. Its trace says so: a repeated call would
    create another address, for which the vault is not."""
    try:
        yield
    except Reverted as error:
        assert error.receipt is not None
        options = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
        trace = chain.rpc("debug_traceTransaction", error.receipt.tx_hash, options)
        assert decode_reason(bytes.fromhex(trace["output"][2:])) == reason
        return
    raise AssertionError(f"was deployed, expected {reason!r}")


def test_an_order_that_waits(late: Late, depositor: str) -> None:
    """Hedged flows are refused, netted ones go on, maxima are what nets.
    [T-MAX-5] [T-FLOW-3]"""
    late.vault.set_pending(True, sender=depositor)
    with reverts("token: an order is pending"):
        late.token.deposit(20_000 * 10**6, depositor, sender=depositor)
    with reverts("token: an order is pending"):
        late.token.redeem(20_000 * 10**18, depositor, depositor, 0, sender=depositor)
    late.token.deposit(100 * 10**6, depositor, sender=depositor)
    late.token.redeem(100 * 10**18, depositor, depositor, sender=depositor)
    for enter, leave in (("Deposit", "Withdraw"), ("Mint", "Redeem")):
        most = late.token.method(f"max{enter}")(depositor)
        assert late.token.method(f"preview{enter}")(most) > 0
        late.token.method(enter.lower()).call(most, depositor, sender=depositor)
        with reverts("token: an order is pending"):
            late.token.method(enter.lower())(most * 101 // 100, depositor, sender=depositor)
        most = late.token.method(f"max{leave}")(depositor)
        assert most > 0
        late.token.method(leave.lower()).call(most, depositor, depositor, sender=depositor)
    late.vault.set_pending(False, sender=depositor)
    assert late.token.maxRedeem(depositor) == late.token.balanceOf(depositor)
    late.token.redeem(20_000 * 10**18, depositor, depositor, sender=depositor)


@pytest.mark.parametrize("loss_bps", [0, 1, 50, 100])
def test_previews_are_the_worst_case(late: Late, depositor: str, loss_bps: int) -> None:
    """The slippage bound of 1% is assumed; whoever pays less gets more. [T-DEP-10]"""
    late.vault.set_venue(loss_bps, 10_000, sender=depositor)
    shares = late.token.previewDeposit(20_000 * 10**6)
    got = late.token.deposit.call(20_000 * 10**6, depositor, sender=depositor)
    assert got >= shares
    assert got - shares == pytest.approx(2 * (100 - loss_bps) * 10**18, rel=0.01, abs=10**13)
    assets = late.token.previewRedeem(20_000 * 10**18)
    paid = late.token.redeem.call(20_000 * 10**18, depositor, depositor, sender=depositor)
    assert paid >= assets
    assert abs((paid - assets) - 2 * (100 - loss_bps) * 10**6) < 10**6


@pytest.mark.parametrize("loss_bps", [0, 1, 50, 100])
def test_exact_out_costs_the_bound_whatever_happens(
    late: Late, depositor: str, loss_bps: int
) -> None:
    late.vault.set_venue(loss_bps, 10_000, sender=depositor)
    paid = late.token.previewMint(20_000 * 10**18)
    assert late.token.mint.call(20_000 * 10**18, depositor, sender=depositor) == paid
    burned = late.token.previewWithdraw(20_000 * 10**6)
    took = late.token.withdraw.call(20_000 * 10**6, depositor, depositor, sender=depositor)
    assert took == burned


def test_a_loss_above_the_bound_is_not_shared(late: Late, depositor: str) -> None:
    """A vault that does not keep the bound: the exact-out flow is refused. [T-WDR-10]"""
    late.vault.set_venue(150, 10_000, sender=depositor)
    with reverts("token: cost above value"):
        late.token.mint(20_000 * 10**18, depositor, sender=depositor)
    with reverts("token: cost above value"):
        late.token.withdraw(20_000 * 10**6, depositor, depositor, sender=depositor)


def test_a_flow_cannot_cost_more_than_it_is_worth(late: Late, depositor: str) -> None:
    """[T-FLOW-4]"""
    late.vault.set_venue(10_100, 10_000, sender=depositor)
    with reverts("token: cost above value"):
        late.token.deposit(20_000 * 10**6, depositor, sender=depositor)
    with reverts("token: cost above value"):
        late.token.redeem(20_000 * 10**18, depositor, depositor, 0, sender=depositor)


def test_n_per_share_never_falls_in_a_flow(late: Late, depositor: str) -> None:
    """Whatever the venue charges, the flow pays it. [T-FLOW-1]"""
    for loss_bps in (0, 100, 3_000):
        late.vault.set_venue(loss_bps, 10_000, sender=depositor)
        before = late.token.nav_per_share()
        late.token.deposit(20_000 * 10**6, depositor, sender=depositor)
        between = late.token.nav_per_share()
        late.token.redeem(10_000 * 10**18, depositor, depositor, 0, sender=depositor)
        assert before <= between <= late.token.nav_per_share()


@pytest.mark.parametrize(
    ("percent", "loss_bps", "reach_bps", "reason"),
    [
        (8, 101, 10_000, "token: loss above bound"),
        (-8, 5_000, 10_000, "token: loss above bound"),
        (8, 0, 0, "token: leverage not nearer to target"),
        (8, 0, -5_000, "token: leverage not nearer to target"),
        (-8, 0, -1, "token: leverage not nearer to target"),
        (8, 0, 20_100, "token: leverage not nearer to target"),
        (8, 0, 15_000, "token: leverage beyond target"),
        (-8, 0, 15_000, "token: leverage beyond target"),
    ],
)
def test_a_rebalance_that_does_not_help_is_undone(
    late: Late,
    owner: str,
    depositor: str,
    percent: int,
    loss_bps: int,
    reach_bps: int,
    reason: str,
) -> None:
    """[T-CHK-2]"""
    price = 2_000 * 10**6 * (100 + percent)
    late.board.post([price, price, 10**8], sender=owner)
    late.vault.set_venue(loss_bps, reach_bps, sender=depositor)
    before = late.vault.value([price * 10**10, *[0] * 9])
    with reverts(reason):
        late.token.rebalance(sender=depositor)
    assert late.vault.value([price * 10**10, *[0] * 9]) == before


def test_half_of_the_way_is_nearer(late: Late, owner: str, depositor: str) -> None:
    """[T-CHK-4]"""
    price = 2_000 * 108 * 10**6
    late.board.post([price, price, 10**8], sender=owner)
    late.vault.set_venue(0, 5_000, sender=depositor)
    receipt = late.token.rebalance(sender=depositor)
    (event,) = [e for e in late.token.events(receipt) if e.name == "Rebalanced"]
    assert 10**18 < event.args["leverage_after"] < event.args["leverage_before"]
    assert abs(event.args["cost"]) <= 1  # rounding


def test_a_loss_at_the_bound(late: Late, owner: str, depositor: str) -> None:
    """1% of what is traded. [T-CHK-1]"""
    price = 2_000 * 108 * 10**6
    late.board.post([price, price, 10**8], sender=owner)
    late.vault.set_venue(100, 10_000, sender=depositor)
    receipt = late.token.rebalance(sender=depositor)
    (event,) = [e for e in late.token.events(receipt) if e.name == "Rebalanced"]
    assert abs(event.args["cost"] - 160 * 10**6) < 2 * 10**6  # of 16,000


class TestDeployment:
    """What the token's constructor refuses."""

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"multiple": 0}, "token: multiple must be 1, 2 or 3"),
            ({"multiple": 4}, "token: multiple must be 1, 2 or 3"),
            ({"epoch_interval": 3_599}, "token: epoch clock out of range"),
            ({"epoch_interval": 31 * 86_400 + 1}, "token: epoch clock out of range"),
            ({"epoch_offset": 86_400}, "token: epoch clock out of range"),
            ({"nav_cap": 2**112 + 1}, "token: NAV cap out of range"),
            ({"fee_rate": 1_550_000_001}, "token: fee above ceiling"),
            ({"fee_recipient": "0x" + "00" * 20}, "token: fee needs a recipient"),
            (
                {"parameters": replace(PARAMETERS, mint_fee_bps=101)},
                "token: fee above ceiling",
            ),
            (
                {"multiple": 2},  # with the emergency leverage of 1x
                "token: emergency leverage out of range",
            ),
        ],
    )
    def test_refusals(self, late: Late, owner: str, changes: dict[str, Any], reason: str) -> None:
        with refuses(late.chain, reason):
            self.deploy(late, owner, **{"fee_rate": 1, **changes})

    @pytest.mark.parametrize(
        "changes",
        [
            {"epoch_interval": 3_600, "epoch_offset": 3_599},
            {"epoch_interval": 31 * 86_400},
            {"nav_cap": 2**112},
            {"fee_rate": 1_550_000_000},
            {"fee_rate": 0, "fee_recipient": "0x" + "00" * 20},
            {"guardian": "0x" + "00" * 20},
        ],
    )
    def test_bounds_are_inside(self, late: Late, owner: str, changes: dict[str, Any]) -> None:
        token = self.deploy(late, owner, **changes)
        assert token.totalSupply() == 0

    def test_a_vault_of_another_token(self, late: Late, owner: str) -> None:
        oracle = Contract(late.chain, late.token.oracle(), [], "IndexOracle")
        configuration = configured(late.plan, oracle, late.vault, late.policy, owner)
        with refuses(late.chain, "token: vault belongs to another token"):
            late.chain.deploy("InverseIndexToken", configuration, sender=owner)

    def test_a_vault_of_another_index(self, late: Late, owner: str) -> None:
        with refuses(late.chain, "token: vault and oracle differ in components"):
            self.deploy(late, owner, vault_components=2)

    def test_collateral_of_other_decimals_than_the_oracle_s(self, late: Late, owner: str) -> None:
        other = late.chain.deploy("LocalCollateral", "Other", "OTH", 8, sender=owner)
        with refuses(late.chain, "token: collateral decimals above 18 or not the oracle's"):
            self.deploy(late, owner, vault_asset=other)

    def test_collateral_of_19_decimals(self, late: Late, owner: str) -> None:
        other = late.chain.deploy("LocalCollateral", "Other", "OTH", 19, sender=owner)
        with refuses(late.chain, "token: collateral decimals above 18 or not the oracle's"):
            self.deploy(late, owner, vault_asset=other)

    def test_events_and_first_record(self, late: Late, owner: str) -> None:
        expected = create_address(owner, late.chain.nonce(owner) + 1)
        vault = late.chain.deploy(
            "LateVault", expected, late.collateral, 1, late.plan.decimals, sender=owner
        )
        oracle = Contract(late.chain, late.token.oracle(), [], "IndexOracle")
        configuration = configured(late.plan, oracle, vault, late.policy, owner)
        token = late.chain.deploy("InverseIndexToken", configuration, sender=owner)
        assert (token.owner(), token.guardian()) == (owner, owner)
        assert (token.oracle(), token.vault(), token.policy()) == (
            oracle.address,
            vault.address,
            late.policy.address,
        )
        assert token.asset() == late.collateral.address
        now = late.chain.now()
        assert tuple(token.state().reset) == (
            now // 86_400,
            1,
            now,
            0,
            0,
            1_000 * 10**18,
            10**18,
        )
        state = token.state()
        assert (state.multiple, state.components, state.unit) == (1, 1, 10**6)
        assert (state.epoch_interval, state.epoch_offset) == (86_400, 0)
        assert (state.mode, state.nav_cap) == (1, late.plan.nav_cap)
        assert tuple(state.flows) == (0, 0, 0, 0)
        assert state.doubled_at == 0
        receipt = token.set_nav_cap(5, sender=owner)
        only_event(receipt, token, "NavCapSet", cap=5)

    @staticmethod
    def deploy(
        late: Late,
        owner: str,
        vault_components: int = 1,
        vault_asset: Contract | None = None,
        **changes: Any,
    ) -> Any:
        expected = create_address(owner, late.chain.nonce(owner) + 1)
        asset = vault_asset or late.collateral
        vault = late.chain.deploy(
            "LateVault", expected, asset, vault_components, late.plan.decimals, sender=owner
        )
        oracle = Contract(late.chain, late.token.oracle(), [], "IndexOracle")
        configuration = configured(late.plan, oracle, vault, late.policy, owner, **changes)
        return late.chain.deploy("InverseIndexToken", configuration, sender=owner)
