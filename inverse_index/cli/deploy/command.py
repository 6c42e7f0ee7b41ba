# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run deploy`: from a deployment file to a recorded token."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI

from ...artifacts import artifact
from ...chain import Reverted
from ...config import DeploymentFile, choose_deployment, load_index, with_index
from ...config.network_checks import missing_there
from ...config.venue import KINDS as VENUES
from ...deployment import Given, Plan, System
from ...deployment.facts import Origin, facts_of
from ...deployment.periphery import new_contracts
from ...deployment.venues import KINDS
from ...errors import UserError
from ..amounts import parse_amount
from ..output import Output, shown
from ..session import Session
from ..verb import OfflineVerb, account_options, registry_option, verb
from ..verify import Publisher, publish_all
from .dry_run import dry_run as judge
from .dry_run import warnings_of
from .summary import preview_rows, show_result
from .work import Work

MAINNETS = (1, 10, 56, 100, 137, 8_453, 42_161, 43_114)
NAMES = ("InverseIndexToken", "TokenPolicy", "Lens", "IndexOracle", "Timelock")
LOCAL_NAMES = ("PriceBoard", "BoardFeed")
EXAMPLES = """
ape run deploy --network ethereum:local:foundry
ape run deploy --config configs/local-3x.yaml --fund 100000
ape run deploy --venue aave --fund 100000
ape run deploy --network ethereum:sepolia:node --account me --local-parts
ape run deploy --config deployments/arbitrum.yaml --dry-run
ape run deploy --config deployments/arbitrum.yaml --stand-in --network ethereum:local:foundry
"""


@verb("deploy", EXAMPLES, OfflineVerb)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Deployment file: everything that the token is built from.  [default:"
    " configs/local-1x.yaml or the venue's]",
)
@click.option(
    "--venue",
    type=click.Choice(VENUES),
    help="Where the shorts are held: on the embedded perpetual exchange, or on Aave v3 and"
    " Uniswap v3.  [default: as the deployment file says]",
)
@click.option(
    "--index",
    "index_path",
    type=click.Path(path_type=Path),
    help="Index file to use instead of the deployment file's.",
)
@click.option(
    "--prices",
    "prices_path",
    type=click.Path(path_type=Path),
    help="CSV price file whose last row starts the local feeds.  [default: the first prices of"
    " the built-in scenario]",
)
@click.option("--name", help="Name to record it under.  [default: the file's name]")
@click.option("--fund", metavar="AMOUNT", help="Give yourself that much local collateral.")
@click.option(
    "--local-parts",
    is_flag=True,
    help="On a test network too: deploy a worthless collateral, a price board of your own and a"
    " venue where the file names none.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Send nothing: judge the file and show what it would deploy. Asks no node unless"
    " --network names one, which is then asked about every address.",
)
@click.option(
    "--stand-in",
    is_flag=True,
    help="On a local network: deploy Aave, Uniswap, USDC, tokens and feeds in place of those"
    " that the file names, then the file's token by the code that a live network runs.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Publish the sources on the network's block explorer afterwards, through Ape's plugin"
    " ape-etherscan and with the key in ETHERSCAN_API_KEY.",
)
@registry_option
@account_options
def cli(
    provider: ProviderAPI | None,
    account: AccountAPI | None,
    yes: bool,
    registry: Path | None,
    config_path: Path | None,
    venue: str | None,
    index_path: Path | None,
    prices_path: Path | None,
    name: str | None,
    fund: str | None,
    local_parts: bool,
    dry_run: bool,
    stand_in: bool,
    verify: bool,
    as_json: bool,
) -> None:
    """Deploy an inverse index token with all its parts.

    On a local network the collateral, the price feeds and a funded venue are
    deployed with it; on live networks the deployment file names them. The
    addresses are recorded, and the other verbs find them by name.
    """
    file = _read(config_path, venue, index_path)
    if dry_run:
        judge(file, provider, Output(as_json))
        return
    assert provider is not None  # connected, as always without --dry-run
    session = Session.sending(provider, account, as_json, yes)
    publisher = Publisher.of(provider) if verify else None
    work = Work.of(session, file, prices_path, name, stand_in)
    amount = None if fund is None else parse_amount("--fund", fund, work.plan.decimals)
    if not stand_in:
        _check_parts(session, file, work.given, local_parts, amount)
    _compile(session, work.plan, work.given)
    preview = preview_rows(session, work, prices_path)
    for line in warnings_of(file):
        session.out.say(f"warning: {line}")
    session.confirm(f"deploy {work.plan.token_symbol}", preview)
    system, origin = _deploy(session, work)
    if amount is not None:
        session.out.say(f"mint {shown(amount, system.decimals)} {system.collateral_symbol} to you")
        session.give(system, amount)
    path = None if session.is_rehearsal else _save(session, registry, system, origin)
    show_result(session, system, path)
    if publisher is not None:
        publish_all(publisher, facts_of(system, origin), session.out)


def _read(config: Path | None, venue: str | None, index: Path | None) -> DeploymentFile:
    file = choose_deployment(config, venue)
    return file if index is None else with_index(file, load_index(index), str(index))


def _check_parts(
    session: Session, file: DeploymentFile, given: Given, local_parts: bool, fund: int | None
) -> None:
    """Nothing worthless on a live network, unless it is asked for."""
    missing = missing_there(file)
    if fund is not None and given.collateral:
        raise UserError("--fund: the collateral is not a local one", "leave --fund out")
    if not missing or not session.is_live:
        return
    names = ", ".join(missing)
    if session.is_mainnet or session.backend.chain_id in MAINNETS:
        raise UserError(
            f"the deployment file lacks {names}, and {session.network} has real money",
            "name them in the file",
        )
    if not local_parts:
        raise UserError(
            f"the deployment file lacks {names}",
            "name them in the file, or try it out with --local-parts",
        )


def _compile(session: Session, plan: Plan, given: Given) -> None:
    session.out.say("compile the contracts (quick when nothing has changed)")
    own = (*KINDS[plan.venue.kind].contracts, *new_contracts(given.periphery))
    for name in (*NAMES, *own, *LOCAL_NAMES):
        artifact(name)


def _save(session: Session, folder: Path | None, system: System, origin: Origin) -> Path:
    return session.registry(folder).save(system, facts_of(system, origin))


def _deploy(session: Session, work: Work) -> tuple[System, Origin]:
    """A failure half way says what is on the chain already."""
    backend = session.backend
    try:
        return work.deploy(session)
    except (UserError, Reverted) as error:
        if not backend.sent:
            raise
        said = error.message if isinstance(error, UserError) else str(error)
        raise UserError(
            f"stopped after {backend.sent} transactions: {said}",
            "nothing was recorded; correct it and deploy again",
        ) from error
