# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title AutomationForwarder
@notice For tests: calls an upkeep as Chainlink's registry does, on the strength
        of its own check, with a limit of gas, and without passing a revert on.
@custom:kill For tests only.
"""


interface IUpkeep:
    def checkUpkeep(data: Bytes[1024]) -> (bool, Bytes[1024]): view


last_success: public(bool)
last_gas: public(uint256)
performed: public(uint256)


@external
def run(upkeep: address, check_data: Bytes[1024], gas_limit: uint256) -> bool:
    """
    @return Whether the upkeep was needed.
    """
    needed: bool = False
    perform_data: Bytes[1024] = b""
    needed, perform_data = staticcall IUpkeep(upkeep).checkUpkeep(check_data)
    if needed:
        self._forward(upkeep, perform_data, gas_limit)
    return needed


@external
def forward(upkeep: address, perform_data: Bytes[1024], gas_limit: uint256):
    """
    @notice Perform with what a check said earlier.
    """
    self._forward(upkeep, perform_data, gas_limit)


@internal
def _forward(upkeep: address, perform_data: Bytes[1024], gas_limit: uint256):
    before: uint256 = msg.gas
    self.last_success = raw_call(
        upkeep,
        abi_encode(perform_data, method_id=method_id("performUpkeep(bytes)")),
        gas=gas_limit,
        revert_on_failure=False,
    )
    self.last_gas = before - msg.gas
    self.performed += 1
