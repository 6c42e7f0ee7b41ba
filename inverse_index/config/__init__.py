# SPDX-License-Identifier: AGPL-3.0-only
"""Index definitions and deployments as validated YAML."""

from inverse_index.config.aave_reserve import ReserveParameters
from inverse_index.config.aave_venue import AaveVenueConfig
from inverse_index.config.deployment import (
    CollateralConfig,
    Deployment,
    DeploymentFile,
    RolesConfig,
)
from inverse_index.config.governance import GovernanceConfig
from inverse_index.config.index import Component, IndexDefinition, load_index
from inverse_index.config.load import choose_deployment, load_deployment, with_index
from inverse_index.config.oracle import (
    AssetFeeds,
    AssetUnits,
    FeedConfig,
    LocalFeeds,
    OracleConfig,
    OracleUnits,
)
from inverse_index.config.periphery import PeripheryConfig
from inverse_index.config.perp_venue import MarketConfig, MarketUnits, PerpVenueConfig
from inverse_index.config.token import EpochConfig, TokenConfig
from inverse_index.config.venue import VenueConfig

__all__ = [
    "AaveVenueConfig",
    "AssetFeeds",
    "AssetUnits",
    "CollateralConfig",
    "Component",
    "Deployment",
    "DeploymentFile",
    "EpochConfig",
    "FeedConfig",
    "GovernanceConfig",
    "IndexDefinition",
    "LocalFeeds",
    "MarketConfig",
    "MarketUnits",
    "OracleConfig",
    "OracleUnits",
    "PeripheryConfig",
    "PerpVenueConfig",
    "ReserveParameters",
    "RolesConfig",
    "TokenConfig",
    "VenueConfig",
    "choose_deployment",
    "load_deployment",
    "load_index",
    "with_index",
]
