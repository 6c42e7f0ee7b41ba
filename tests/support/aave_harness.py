# SPDX-License-Identifier: AGPL-3.0-only
"""The real Aave v3 with three reserves beside its model: each action on both,
and everything that either stores or shows compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.chain.contract import create
from inverse_index.config.aave_reserve import ReserveParameters
from inverse_index.model.fixed import MAX_UINT256, Revert
from inverse_index.model.protocols.aave.market import TREASURY, AaveModel
from inverse_index.model.protocols.aave.reserve import ReserveConfig
from inverse_index.protocols.aave import RAY, VARIABLE_RATE, AaveMarket, ReservePlan, deploy_aave
from inverse_index.protocols.npm import AAVE, UNISWAP_PERIPHERY, node_modules, npm_deploy

PERCENT = RAY // 100
DECIMALS = {"USD": 6, "BTC": 8, "ETH": 18}
SYMBOLS = tuple(DECIMALS)
PRICES = {"USD": 10**8, "BTC": 60_000 * 10**8, "ETH": 3_000 * 10**8}  # USD, 8 decimals
PARAMETERS = {
    "USD": ReserveParameters(
        7_700, 8_000, 10_500, 1_000, 90 * PERCENT, 0, 4 * PERCENT, 60 * PERCENT, 0, 0, True
    ),
    "BTC": ReserveParameters(
        7_300, 7_800, 11_000, 2_000, 45 * PERCENT, 0, 7 * PERCENT, 300 * PERCENT, 0, 0, True
    ),
    "ETH": ReserveParameters(
        8_050, 8_300, 10_500, 1_500, 80 * PERCENT, PERCENT, 4 * PERCENT, 80 * PERCENT, 0, 0, True
    ),
}
SHORTFALL = "collateral: balance too small"
FORTUNE = 2**130
MULTICALL = "UniswapInterfaceMulticall"
RESERVE_VIEWS = (
    "config",
    "liquidity_index",
    "current_liquidity_rate",
    "variable_borrow_index",
    "current_variable_borrow_rate",
    "last_update",
    "accrued_to_treasury",
)
_STABLE_RATE, _WORDS = 5, 15  # of getReserveData
Outcome = tuple[str, Any]


class AaveHarness:
    """A market, its model, and three users whose wallets are kept as well."""

    def __init__(self, chain: LocalBackend, owner: str, users: dict[str, str]) -> None:
        self.chain, self.owner, self.users = chain, owner, users
        self.holders = {**users, TREASURY: owner}
        self.prices = dict(PRICES)
        self.now = chain.now()
        self.board = chain.deploy("PriceBoard", sender=owner)
        self.tokens = {
            symbol: chain.deploy("LocalCollateral", symbol, symbol, decimals, sender=owner)
            for symbol, decimals in DECIMALS.items()
        }
        self.market = self._deploy()
        self._post()
        self.model = AaveModel(self.prices)
        for symbol, decimals in DECIMALS.items():
            self.model.add_reserve(symbol, decimals, model_config(PARAMETERS[symbol]), self.now)
        self.wallets = {(symbol, user): FORTUNE for symbol in SYMBOLS for user in users}
        for symbol, user in self.wallets:
            self.tokens[symbol].mint(users[user], FORTUNE, sender=owner)
            self.tokens[symbol].approve(self.market.pool, MAX_UINT256, sender=users[user])
        self._views = self._prepared()

    def _deploy(self) -> AaveMarket:
        plans = [
            ReservePlan(
                symbol,
                self.tokens[symbol],
                DECIMALS[symbol],
                self.chain.deploy(
                    "BoardFeed", self.board, place, 8, symbol, sender=self.owner
                ).address,
                PARAMETERS[symbol],
            )
            for place, symbol in enumerate(SYMBOLS)
        ]
        return deploy_aave(self.chain, self.owner, plans)

    # going back

    def saved(self) -> tuple[Any, ...]:
        """Model and wallets; the chain has snapshots of its own."""
        return self.model.saved(), dict(self.prices), dict(self.wallets), self.now

    def restore(self, saved: tuple[Any, ...]) -> None:
        model, prices, self.wallets, self.now = saved
        self.model.restore(model)
        self.prices.update(prices)

    # what is not an action of a user

    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.chain.set_next_timestamp(self.now)
        self.chain.mine()

    def reprice(self, symbol: str, price: int) -> None:
        """USD with 8 decimals."""
        self.prices[symbol] = price
        self._post()

    def at_eth(self, dollars: int) -> AaveHarness:
        """This harness at another price of ETH."""
        self.reprice("ETH", dollars * PRICES["USD"])
        return self

    def _post(self) -> None:
        self.board.post([self.prices[symbol] for symbol in SYMBOLS], sender=self.owner)

    def configure(self, symbol: str, **changes: Any) -> None:
        """Change parameters on both sides, by the model's names."""
        configurator, token = self.market.configurator, self.tokens[symbol]
        self.model.configure(symbol, **changes)
        config = self.model.reserves[symbol].config
        setters = {
            "supply_cap": "setSupplyCap",
            "borrow_cap": "setBorrowCap",
            "borrowing": "setReserveBorrowing",
            "frozen": "setReserveFreeze",
            "paused": "setReservePause",
            "active": "setReserveActive",
            "reserve_factor_bps": "setReserveFactor",
            "liquidation_protocol_fee_bps": "setLiquidationProtocolFee",
        }
        for name, value in changes.items():
            if name in setters:
                setter = configurator.method(setters[name])
                setter(token, value, sender=self.owner)
            else:
                configurator.configureReserveAsCollateral(
                    token,
                    config.ltv_bps,
                    config.liquidation_threshold_bps,
                    config.liquidation_bonus_bps,
                    sender=self.owner,
                )

    def set_base_rate(self, symbol: str, base_ray: int) -> None:
        """A rate that is the same at every usage; at work from the next action on."""
        provider, configurator = self.market.provider, self.market.configurator
        curve = (RAY, base_ray, 0, 0)  # optimal usage, base rate, slopes
        strategy = npm_deploy(
            self.chain,
            AAVE,
            "DefaultReserveInterestRateStrategy",
            provider,
            *curve,
            *(0, 0, 0, 0, RAY),
            sender=self.owner,
        )
        token = self.tokens[symbol]
        configurator.setReserveInterestRateStrategyAddress(token, strategy, sender=self.owner)
        names = ("optimal_usage_ray", "base_rate_ray", "slope1_ray", "slope2_ray")
        self.model.configure(symbol, **dict(zip(names, curve, strict=True)))

    def donate(self, symbol: str, amount: int, user: str) -> None:
        """Underlying straight to the aToken."""
        receiver = self.market.reserves[symbol].a_token
        self.tokens[symbol].transfer(receiver, amount, sender=self.users[user])
        self.model.donate(symbol, amount)
        self.wallets[symbol, user] -= amount

    # actions: the reason on both sides, "ok" when both succeed

    def supply(self, symbol: str, amount: int, user: str, owner: str | None = None) -> str:
        receiver = self.users[owner or user]
        send = self._sending("supply", user, self.tokens[symbol], amount, receiver, 0)
        reason, _ = self._both(send, "supply", symbol, amount, user, self.now, owner)
        if reason == "ok":
            self.wallets[symbol, user] -= amount
        return reason

    def withdraw(self, symbol: str, amount: int, user: str) -> str:
        send = self._sending("withdraw", user, self.tokens[symbol], amount, self.users[user])
        reason, paid = self._both(send, "withdraw", symbol, amount, user, self.now)
        self.wallets[symbol, user] += paid or 0
        return reason

    def borrow(self, symbol: str, amount: int, user: str) -> str:
        mode, who = VARIABLE_RATE, self.users[user]
        send = self._sending("borrow", user, self.tokens[symbol], amount, mode, 0, who)
        reason, _ = self._both(send, "borrow", symbol, amount, user, self.now)
        if reason == "ok":
            self.wallets[symbol, user] += amount
        return reason

    def repay(self, symbol: str, amount: int, user: str, owner: str | None = None) -> str:
        debtor = self.users[owner or user]
        send = self._sending("repay", user, self.tokens[symbol], amount, VARIABLE_RATE, debtor)
        reason, paid = self._both(send, "repay", symbol, amount, user, self.now, owner)
        self.wallets[symbol, user] -= paid or 0
        return reason

    def transfer(self, symbol: str, amount: int, sender: str, receiver: str) -> str:
        a_token = self.market.reserves[symbol].a_token

        def send() -> None:
            a_token.transfer(self.users[receiver], amount, sender=self.users[sender])

        reason, _ = self._both(send, "transfer", symbol, amount, sender, receiver, self.now)
        return reason

    def liquidate(
        self, collateral: str, debt: str, user: str, amount: int, by: str, tokens: bool = False
    ) -> str:
        assets = self.tokens[collateral], self.tokens[debt]
        send = self._sending("liquidationCall", by, *assets, self.users[user], amount, tokens)
        arguments = collateral, debt, user, amount, by, self.now, tokens
        reason, taken = self._both(send, "liquidate", *arguments)
        if taken:
            self.wallets[debt, by] -= taken.repaid
            self.wallets[collateral, by] += 0 if tokens else taken.collateral
        return reason

    def _sending(self, function: str, user: str, *arguments: Any) -> Callable[[], None]:
        def send() -> None:
            self.market.pool.method(function)(*arguments, sender=self.users[user])

        return send

    def _both(self, send: Callable[[], None], action: str, *arguments: Any) -> Outcome:
        before = self.model.state()
        reason, value = "ok", None
        try:
            value = getattr(self.model, action)(*arguments)
        except Revert as refusal:
            reason = refusal.reason
            assert self.model.state() == before, f"{action} refused and yet changed something"
        on_chain = "ok"
        try:
            send()
        except Reverted as refusal:
            on_chain = refusal.reason
        assert reason == on_chain, f"{action}{arguments}: model {reason!r}, chain {on_chain!r}"
        return reason, value

    # comparing

    def check(self) -> None:
        """Model and chain are equal in everything."""
        read = self._read()
        for (name, expected), value in zip(self._expected(), read, strict=True):
            assert value == expected, f"{name}: chain {value}, model {expected}"

    def _expected(self) -> Iterator[tuple[str, int | tuple[int, ...]]]:
        model, now = self.model, self.now
        for symbol in SYMBOLS:
            reserve = model.reserves[symbol]
            yield f"{symbol} reserve", tuple(getattr(reserve, n) for n in RESERVE_VIEWS[1:])
            yield f"{symbol} income", model.normalized_income(symbol, now)
            yield f"{symbol} debt index", model.normalized_debt(symbol, now)
            yield f"{symbol} available", model.available(symbol)
            yield f"{symbol} scaled supply", reserve.scaled_supply
            yield f"{symbol} scaled debt", reserve.scaled_debt
            for user in self.holders:
                yield f"{symbol} supplied {user}", model.supplied(symbol, user, now)
                yield f"{symbol} scaled supplied {user}", model.scaled_supplied(symbol, user)
            for user in self.users:
                yield f"{symbol} owed {user}", model.owed(symbol, user, now)
                yield f"{symbol} scaled owed {user}", model.scaled_owed(symbol, user)
                yield f"{symbol} wallet {user}", self.wallets[symbol, user]
        for user in self.users:
            yield f"account {user}", tuple(model.account_data(user, now))
            yield f"configuration {user}", model.user_configuration(user)

    def _prepared(self) -> tuple[Contract, bytes]:
        folder = node_modules() / UNISWAP_PERIPHERY / "artifacts/contracts/lens"
        built = json.loads((folder / f"{MULTICALL}.sol" / f"{MULTICALL}.json").read_text())
        code = bytes.fromhex(built["bytecode"][2:])
        multicall = create(self.chain, MULTICALL, built["abi"], code, (), self.owner)
        calls = [
            (contract.address, 1_000_000, contract.encode(name, *arguments))
            for contract, name, *arguments in self._calls()
        ]
        return multicall, multicall.encode("multicall", calls)

    def _calls(self) -> Iterator[tuple[Any, ...]]:
        pool = self.market.pool
        for symbol, listed in self.market.reserves.items():
            token = self.tokens[symbol]
            yield pool, "getReserveData", token
            yield pool, "getReserveNormalizedIncome", token
            yield pool, "getReserveNormalizedVariableDebt", token
            yield token, "balanceOf", listed.a_token
            yield listed.a_token, "scaledTotalSupply"
            yield listed.variable_debt, "scaledTotalSupply"
            for address in self.holders.values():
                yield listed.a_token, "balanceOf", address
                yield listed.a_token, "scaledBalanceOf", address
            for address in self.users.values():
                yield listed.variable_debt, "balanceOf", address
                yield listed.variable_debt, "scaledBalanceOf", address
                yield token, "balanceOf", address
        for address in self.users.values():
            yield pool, "getUserAccountData", address
            yield pool, "getUserConfiguration", address

    def _read(self) -> list[int | tuple[int, ...]]:
        multicall, calldata = self._views
        answer = self.chain.call(multicall.address, calldata)
        _, results = multicall.decode_output("multicall", answer)
        return [_figures(result.returnData) for result in results]


def model_config(parameters: ReserveParameters) -> ReserveConfig:
    """The model's parameters of a reserve that is listed with these."""
    same = {each.name: getattr(parameters, each.name) for each in fields(parameters)}
    return ReserveConfig(**same, shortfall_reason=SHORTFALL)


def _figures(data: bytes) -> int | tuple[int, ...]:
    words = [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]
    if len(words) == _WORDS:
        return (*words[1:_STABLE_RATE], words[6], words[12])
    return words[0] if len(words) == 1 else tuple(words)
