# SPDX-License-Identifier: AGPL-3.0-only
"""What `deploy` has to do: the file, its integers, and what exists already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...config import DeploymentFile
from ...config.network_checks import check_chain
from ...deployment import Given, Plan, System, deploy_system, plan_deployment
from ...deployment.facts import Origin
from ...deployment.registry import LOCAL_CHAINS
from ...deployment.stand_in import StandIns, check_can_stand_in, deploy_stand_ins, middle_prices
from ...errors import UserError
from ...prices.start_prices import describe_prices, start_prices
from ..session import Session
from .given import check_given, live_prices


@dataclass(frozen=True)
class Work:
    """stand_in: what the file names is deployed first, and read from there."""

    file: DeploymentFile
    plan: Plan
    given: Given
    stand_in: bool

    @classmethod
    def of(
        cls,
        session: Session,
        file: DeploymentFile,
        prices_path: Path | None,
        name: str | None,
        stand_in: bool,
    ) -> Work:
        """Checked against the chain, where the file names addresses of it."""
        given = Given.from_file(file)
        if stand_in:
            _check_stand_in(session, file)
            prices = start_prices(file, prices_path) if prices_path else middle_prices(file)
        else:
            check_chain(file, session.backend.chain_id, LOCAL_CHAINS)
            check_given(session.backend, file, given)
            prices = live_prices(session.backend, given) or start_prices(file, prices_path)
        plan = plan_deployment(file, prices)
        return cls(file, plan if name is None else replace(plan, name=name), given, stand_in)

    def price_text(self, prices_path: Path | None) -> str:
        """Where the first prices come from."""
        if self.stand_in and prices_path is None:
            return describe_prices(self.plan, None).replace("scenario", "middle of the bounds")
        given = self.given.feeds and not self.stand_in
        return "feeds of the file" if given else describe_prices(self.plan, prices_path)

    def deploy(self, session: Session) -> tuple[System, Origin]:
        """Send it all; what has come of it, and from what."""
        if not self.stand_in:
            origin = Origin(self.file, self.plan, session.sender, {})
            return self._deploy(session, self.plan, self.given), origin
        stand_ins = self._stand_ins(session)
        given = Given.from_file(stand_ins.file)
        check_given(session.backend, stand_ins.file, given)
        prices = live_prices(session.backend, given)
        assert prices is not None
        plan = replace(plan_deployment(stand_ins.file, prices), name=self.plan.name)
        local = {field: address for field, (_, address) in stand_ins.replaced.items()}
        system = stand_ins.complete(self._deploy(session, plan, given))
        return system, Origin(self.file, plan, session.sender, local)

    def _stand_ins(self, session: Session) -> StandIns:
        backend, out = session.backend, session.out
        return deploy_stand_ins(
            backend, self.file, self.plan.prices, session.sender, backend.advance_time, out.step
        )

    def _deploy(self, session: Session, plan: Plan, given: Given) -> System:
        return deploy_system(session.backend, plan, session.sender, given, session.out.step)


def _check_stand_in(session: Session, file: DeploymentFile) -> None:
    if session.is_live:
        raise UserError(
            f"--stand-in: {session.network} is not a local network", "leave --stand-in out"
        )
    check_can_stand_in(file)
