# SPDX-License-Identifier: AGPL-3.0-only
"""A verb's connection: network, account, deployment, output."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import ape
import click
from ape.api import AccountAPI, ProviderAPI

from ..chain.ape_backend import ApeBackend
from ..deployment import Registry, System
from ..errors import UserError
from .failure import INTERRUPTED, Failure
from .output import Output, Rows, shown, two_columns


@dataclass
class Session:
    """account: address that sends, None for verbs that only read.

    is_rehearsal: the chain was started for this command and ends with it.
    """

    backend: ApeBackend
    network: str
    account: str | None
    out: Output
    yes: bool
    is_rehearsal: bool
    is_mainnet: bool
    ape_account: AccountAPI | None = None

    @classmethod
    def reading(cls, provider: ProviderAPI, as_json: bool) -> Session:
        """For a verb that sends nothing."""
        return cls._open(provider, None, as_json, yes=True)

    @classmethod
    def sending(
        cls,
        provider: ProviderAPI,
        account: AccountAPI | None,
        as_json: bool,
        yes: bool,
        test_account: int = 0,
    ) -> Session:
        """For a verb that sends, from the chosen account or the default one."""
        chosen = account or _default_account(provider, test_account)
        if not provider.network.is_dev and _is_test(chosen):
            raise UserError(
                f"{chosen.alias} is a test account, whose key everybody knows",
                "choose an account of your own with --account",
            )
        return cls._open(provider, chosen, as_json, yes)

    @classmethod
    def _open(
        cls, provider: ProviderAPI, account: AccountAPI | None, as_json: bool, yes: bool
    ) -> Session:
        _hear_ctrl_c()
        backend = ApeBackend(provider, *([account] if account else []))
        return cls(
            backend=backend,
            network=provider.network_choice,
            account=backend.accounts[0] if account else None,
            out=Output(as_json),
            yes=yes,
            is_rehearsal=getattr(provider, "process", None) is not None,
            is_mainnet=bool(provider.network.is_mainnet),
            ape_account=account,
        )

    @property
    def is_live(self) -> bool:
        return self.backend.is_live

    @property
    def sender(self) -> str:
        """Who sends."""
        if self.account is None:
            raise UserError("this command sends, but has no account", "choose one with --account")
        return self.account

    def registry(self, folder: Path | None) -> Registry:
        return Registry(self.backend.chain_id, folder)

    def load(self, name: str | None, folder: Path | None) -> System:
        """A deployment of this network."""
        if self.is_rehearsal:
            raise UserError(
                "no chain runs at 127.0.0.1:8545",
                "start `anvil` in another terminal, then `ape run deploy`",
            )
        return self.registry(folder).load(self.backend, name)

    def confirm(self, title: str, rows: Rows) -> None:
        """Show what will be sent; on a live network ask, and unlock the account once."""
        self.out.table(rows, title)
        if not self.is_live:
            return
        if not self.yes:
            self._ask(title, rows)
        if self.ape_account is not None and hasattr(self.ape_account, "set_autosign"):
            self.ape_account.set_autosign(True)

    def _ask(self, title: str, rows: Rows) -> None:
        if not sys.stdin.isatty():
            raise UserError(f"'{title}' on {self.network} needs a confirmation", "add --yes")
        if self.out.as_json:
            _to_stderr(rows, title)
        if not click.confirm(f"Send this on {self.network}?", err=True):
            raise Failure(INTERRUPTED, "not sent", "", self.out.as_json)

    def give(self, system: System, amount: int) -> None:
        """Mint local collateral to the sender; where one account alone mints it,
        through that one, if it is a development account."""
        if system.minter is not None and not self.is_live:
            for account in ape.accounts.test_accounts:
                if str(account.address) == system.minter:
                    self.backend.add_account(account)
        system.give(self.sender, amount)

    def balance_text(self, address: str) -> str:
        """Native coins, for people."""
        return f"{shown(self.backend.balance(address), 18, 4)} ETH"


def resolve_address(text: str) -> str:
    """An address, or the address of an Ape account by its alias."""
    from ..chain.abi import checksum

    if text.upper().startswith("TEST::") and text[6:].isdigit():
        return checksum(str(ape.accounts.test_accounts[int(text[6:])].address))
    if text in ape.accounts.aliases:
        return checksum(str(ape.accounts.load(text).address))
    try:
        return checksum(text)
    except ValueError:
        raise UserError(f"'{text}' is no address and no account", "give 0x and 40 digits") from None


def default_address(provider: ProviderAPI, test_account: int = 0) -> str:
    """Of the account that would send."""
    from ..chain.abi import checksum

    return checksum(str(_default_account(provider, test_account).address))


def _default_account(provider: ProviderAPI, test_account: int) -> AccountAPI:
    if provider.network.is_dev:
        return ape.accounts.test_accounts[test_account]
    own = list(ape.accounts)
    if not own:
        raise UserError(
            "there is no account to send from", "make or import one: `ape accounts generate NAME`"
        )
    if len(own) > 1:
        names = ", ".join(sorted(str(account.alias) for account in own))
        raise UserError(f"there are several accounts: {names}", "choose one with --account")
    return own[0]


def _hear_ctrl_c() -> None:
    """Ape's own handler ends the process without a word."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_test(account: AccountAPI) -> bool:
    return str(account.alias).upper().startswith("TEST::")


def _to_stderr(rows: Rows, title: str) -> None:
    from rich.console import Console

    Console(stderr=True, highlight=False).print(two_columns(rows, title))
