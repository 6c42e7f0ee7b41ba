# SPDX-License-Identifier: AGPL-3.0-only
"""Is there, at the addresses of a deployment file, what it says? Costs no gas."""

from __future__ import annotations

from typing import Any

from ..artifacts import artifact
from ..chain import Contract, Reverted
from ..chain.ape_backend import ApeBackend
from ..config import DeploymentFile
from ..config.fields import ZERO_ADDRESS
from ..deployment import Given
from ..errors import Unreachable, UserError
from .aave_checks import check_aave
from .periphery_checks import check_periphery


def check_given(backend: ApeBackend, file: DeploymentFile, given: Given) -> None:
    """Contracts are there, with the stated decimals; feeds answer."""
    deployment = file.deployment
    if given.collateral:
        field = f"{file.path}: collateral"
        token = _at(backend, field, given.collateral, "LocalCollateral")
        _same(field, _read(field, token.decimals), deployment.collateral.decimals)
    for field, address in given.venue.items():
        _there(backend, f"{file.path}: venue.{field}", address)
    check_aave(backend, file, given)
    check_periphery(backend, file, given)
    if deployment.oracle.sequencer:
        _there(backend, f"{file.path}: oracle.sequencer", deployment.oracle.sequencer)
    for symbol, feed in (given.feeds or {}).items():
        field = f"{file.path}: oracle.feeds.{symbol}"
        _check_feed(backend, f"{field}.primary", feed.primary, feed.primary_decimals)
        if feed.secondary != ZERO_ADDRESS:
            _check_feed(backend, f"{field}.secondary", feed.secondary, feed.secondary_decimals)


def _check_feed(backend: ApeBackend, field: str, address: str, decimals: int) -> None:
    feed = _at(backend, field, address, "BoardFeed")
    _same(field, _read(field, feed.decimals), decimals)
    answer = _read(field, feed.latestRoundData)[1]
    if answer <= 0:
        raise UserError(f"{field}: the feed's answer is {answer}", "choose another feed")


def _there(backend: ApeBackend, field: str, address: str) -> None:
    if not backend.code(address):
        raise UserError(
            f"{field}: no contract at {address} on this network", "check address and --network"
        )


def _at(backend: ApeBackend, field: str, address: str, abi_of: str) -> Contract:
    _there(backend, field, address)
    return Contract(backend, address, artifact(abi_of).abi, abi_of)


def _read(field: str, view: Any) -> Any:
    try:
        return view()
    except Unreachable:
        raise
    except (Reverted, UserError) as error:
        raise UserError(f"{field}: {view.name} fails ({error})", "check the address") from error


def _same(field: str, found: int, stated: int) -> None:
    if found != stated:
        raise UserError(
            f"{field}: has {found} decimals, the file says {stated}", "correct the file"
        )
