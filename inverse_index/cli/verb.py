# SPDX-License-Identifier: AGPL-3.0-only
"""The kind of command that every verb is."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from ape.cli import AccountAliasPromptChoice, ConnectedProviderCommand, verbosity_option
from ape.exceptions import ApeException, ProviderError
from requests.exceptions import RequestException

from ..errors import Unreachable, UserError
from .failure import Failure, failure_of
from .output import compilations_shown

LOCAL_URL = re.compile(r"ethereum:local:(https?://.+)")
HOST_VARIABLE = "APE_FOUNDRY_HOST"
DRY_RUN_FLAG = "--dry-run"
NO_NETWORK = ("--network", "None")  # Ape reads this as no network at all

F = TypeVar("F", bound=Callable[..., Any])


class Verb(ConnectedProviderCommand):
    """Connects as Ape's own commands do; failures are one line and an exit code."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples keep their lines."""
        if self.epilog:
            formatter.write(f"\nExamples:\n{self.epilog}\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        as_json = "--json" in args
        try:
            return super().parse_args(ctx, _with_local_url(args))
        except (click.exceptions.Exit, Failure):
            raise
        except Exception as error:
            if "--debug" in args:
                traceback.print_exc()
            raise failure_of(error, as_json) from error

    def invoke(self, ctx: click.Context) -> Any:
        as_json = bool(ctx.params.get("as_json"))
        debug = bool(ctx.params.pop("debug", False))
        try:
            with compilations_shown():
                return super().invoke(ctx)
        except (click.exceptions.Exit, Failure):
            raise
        except (Exception, KeyboardInterrupt) as error:
            if debug:
                traceback.print_exc()
            raise failure_of(_known(error, ctx), as_json) from error


class VerbGroup(click.Group):
    """Several verbs under one name."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples keep their lines."""
        if self.epilog:
            formatter.write(f"\nExamples:\n{self.epilog}\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise failure_of(error, "--json" in args) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise failure_of(error) from error


class OfflineVerb(Verb):
    """With `--dry-run` and without `--network`, the provider is None and nothing starts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = any(arg == "--network" or arg.startswith("--network=") for arg in args)
        return super().parse_args(
            ctx, [*args, *NO_NETWORK] if DRY_RUN_FLAG in args and not named else args
        )


class AlwaysOfflineVerb(Verb):
    """Connects to nothing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [*args, *NO_NETWORK])


def verb(name: str, examples: str, kind: type[Verb] = Verb) -> Callable[[F], click.Command]:
    """The command `name`; the options that all verbs have come last."""

    def decorate(function: F) -> click.Command:
        command = click.command(name, cls=kind, epilog=_indented(examples))(function)
        command.params += [
            click.Option(
                ["--json", "as_json"], is_flag=True, help="Print JSON; amounts are exact strings."
            ),
            click.Option(["--debug"], is_flag=True, help="Show where a failure comes from."),
            *_verbosity(),
        ]
        return command

    return decorate


def verb_group(name: str, examples: str, about: str) -> VerbGroup:
    """An empty group; about: what its verbs do."""
    return VerbGroup(name, help=about, epilog=_indented(examples), no_args_is_help=True)


def _verbosity() -> list[click.Parameter]:
    """Ape's own option, quiet unless asked: it logs every transaction otherwise."""

    def carrier() -> None:
        pass

    return list(verbosity_option(default="ERROR")(carrier).__click_params__)


def deployment_options(function: F) -> F:
    """`--deployment` and `--registry`."""
    for option in (
        registry_option,
        click.option(
            "--deployment", metavar="NAME", help="Which token, by name.  [default: the newest]"
        ),
    ):
        function = option(function)
    return function


def bound_options(function: F) -> F:
    """`--slippage-bps` and `--deadline`."""
    for option in (
        click.option(
            "--deadline",
            type=click.IntRange(0),
            default=600,
            show_default=True,
            metavar="SECONDS",
            help="Revert when it is mined later than that after the preview.",
        ),
        click.option(
            "--slippage-bps",
            type=click.IntRange(0, 10_000),
            default=50,
            show_default=True,
            help="How much worse than the preview is accepted, when no bound is given.",
        ),
    ):
        function = option(function)
    return function


def slippage_option(function: F) -> F:
    return click.option(
        "--slippage",
        default="0.5%",
        show_default=True,
        metavar="PERCENT",
        help="How much worse than the preview is accepted.",
    )(function)


def registry_option(function: F) -> F:
    return click.option(
        "--registry",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="INVERSE_INDEX_REGISTRY",
        help="Folder with the addresses of deployments.  [default: build/deployments for"
        " local chains, else deployments]",
    )(function)


def account_options(function: F) -> F:
    """`--account` and `--yes`."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask before sending on a live network."),
        click.option(
            "--account",
            type=AccountAliasPromptChoice(),
            metavar="ALIAS",
            help="Ape account, or TEST::0 to TEST::19 on local networks.  [default: your only"
            " account; a test account on local networks]",
        ),
    ):
        function = option(function)
    return function


def _indented(examples: str) -> str:
    lines = [line.strip() for line in examples.strip().splitlines()]
    return "\n".join(f"  {line}" if line else "" for line in lines)


def _with_local_url(args: list[str]) -> list[str]:
    """`ethereum:local:URL` means the Anvil there; Ape itself expects geth."""
    changed = []
    for arg in args:
        option, sign, value = arg.rpartition("=") if arg.startswith("--network=") else ("", "", arg)
        match = LOCAL_URL.fullmatch(value)
        if match:
            os.environ[HOST_VARIABLE] = match[1].rstrip("/")
            value = "ethereum:local:foundry"
        changed.append(option + sign + value)
    return changed


def _known(error: BaseException, ctx: click.Context) -> BaseException:
    """Failures of Ape itself, outside the backend."""
    if isinstance(error, UserError):
        return error
    if isinstance(error, (ProviderError, RequestException, ConnectionError)):
        return Unreachable(
            f"cannot connect to the network ({error})",
            "check that the node runs, or choose another one with --network",
        )
    if isinstance(error, ApeException):
        return UserError(str(error), "check account and network")
    return error
