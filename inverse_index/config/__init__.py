# SPDX-License-Identifier: AGPL-3.0-only
"""Index definitions and deployments as validated YAML."""

from inverse_index.config.deployment import (
    CollateralConfig,
    Deployment,
    DeploymentFile,
    EpochConfig,
    RolesConfig,
    TokenConfig,
    load_deployment,
    with_index,
)
from inverse_index.config.index import Component, IndexDefinition, load_index
from inverse_index.config.oracle import (
    AssetFeeds,
    AssetUnits,
    FeedConfig,
    LocalFeeds,
    OracleConfig,
    OracleUnits,
)
from inverse_index.config.venue import MarketConfig, MarketUnits, VenueConfig

__all__ = [
    "AssetFeeds",
    "AssetUnits",
    "CollateralConfig",
    "Component",
    "Deployment",
    "DeploymentFile",
    "EpochConfig",
    "FeedConfig",
    "IndexDefinition",
    "LocalFeeds",
    "MarketConfig",
    "MarketUnits",
    "OracleConfig",
    "OracleUnits",
    "RolesConfig",
    "TokenConfig",
    "VenueConfig",
    "load_deployment",
    "load_index",
    "with_index",
]
