# SPDX-License-Identifier: AGPL-3.0-only
"""What a dry run says of order and gas, against what really happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.config import load_deployment
from inverse_index.deployment import Given, deploy_system, plan_deployment
from inverse_index.deployment.governance import Governance
from inverse_index.deployment.outline import outline
from inverse_index.deployment.stand_in import deploy_stand_ins, middle_prices
from inverse_index.prices.start_prices import start_prices


class Counting:
    """A backend that notes what each creation took."""

    def __init__(self, chain: LocalBackend, gas: list[int]) -> None:
        self._chain, self._gas = chain, gas

    def __getattr__(self, name: str) -> object:
        return getattr(self._chain, name)

    def deploy(self, name: str, *args: object, sender: str) -> object:
        contract = self._chain.deploy(name, *args, sender=sender)
        block = self._chain.rpc("eth_getBlockByNumber", "latest", False)
        self._gas.append(int(block["gasUsed"], 16))
        return contract


@pytest.mark.parametrize("name", ["arbitrum", "base"])
def test_the_estimate_is_near_and_never_below(
    chain: LocalBackend, owner: str, guardian: str, name: str
) -> None:
    file = load_deployment(project_root() / f"deployments/{name}.yaml")
    prices = middle_prices(file)
    parts = deploy_stand_ins(chain, file, prices, owner, chain.increase_time)
    plan = plan_deployment(parts.file, prices)
    governance = Governance(2 * 86_400, (guardian,))
    given = replace(Given.from_file(parts.file), governance=governance, guardian=guardian)
    steps, gas = outline(plan, given), list[int]()
    deployed: list[str] = []
    deploy_system(Counting(chain, gas), plan, owner, given, deployed.append)  # type: ignore[arg-type]
    assert [f"deploy {step.what}" for step in steps[:-1]] == deployed[:-1]
    assert steps[-1].what.startswith("hand ") and deployed[-1].startswith("hand over to 0x")
    for step, used in zip(steps, gas, strict=False):
        assert used <= step.gas <= used * 1.05, step


def test_local_files_name_what_is_deployed_locally() -> None:
    around = ["LevelFeed", "NavFeed", "KeeperAdapter"]
    for config, parts, router in (
        (
            "local-1x",
            [
                "local USDC",
                "PriceBoard and 15 BoardFeeds",
                "IndexOracle",
                "local PerpExchange and LiquidityPool",
                "TokenViews",
                "ResetPolicy",
                "TokenPolicy",
                "Lens",
                "PerpVault",
            ],
            [],
        ),
        (
            "aave-1x",
            [
                "local USDC",
                "PriceBoard and 15 BoardFeeds",
                "IndexOracle",
                "local Aave v3 and Uniswap v3",
                "AaveQuoter",
                "TokenViews",
                "ResetPolicy",
                "TokenPolicy",
                "Lens",
                "AaveVault",
            ],
            ["local WETH", "Router"],
        ),
    ):
        file = load_deployment(project_root() / f"configs/{config}.yaml")
        plan = plan_deployment(file, start_prices(file, None))
        steps = outline(plan, Given.from_file(file))
        assert [step.what for step in steps] == [
            *parts,
            "InverseIndexToken",
            *around,
            *router,
        ]
        handed = outline(plan, Given(owner="0x" + "11" * 20))
        assert handed[-1].what.startswith("hand IndexOracle and InverseIndexToken over to 0x11")
