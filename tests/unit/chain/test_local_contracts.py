# SPDX-License-Identifier: AGPL-3.0-only
"""Price board, feeds, and the tokens that tests lie with."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256, START, ZERO

LIMIT = 2**87


@pytest.fixture(scope="module")
def board(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("PriceBoard", sender=owner)


@pytest.fixture(scope="module")
def feed(chain: LocalBackend, board: Contract, owner: str) -> Contract:
    return chain.deploy("BoardFeed", board, 1, 8, "LINK / USD", sender=owner)


def _round(time: int, answer: int) -> tuple[int, ...]:
    return (time, answer, time, time, time)


def test_feed_without_an_answer(feed: Contract) -> None:
    assert (feed.decimals(), feed.description()) == (8, "LINK / USD")
    with reverts("No data present"):
        feed.latestRoundData()
    for number in (0, START):
        with reverts("No data present"):
            feed.getRoundData(number)
    with reverts("No data present"):
        feed.latestAnswer()


def test_latest_answer_alone(board: Contract, feed: Contract, owner: str) -> None:
    for answer in (10, 0, -3):
        board.post([1, answer, 7], sender=owner)
        assert feed.latestAnswer() == feed.latestRoundData()[1] == answer


def test_board_keeps_the_last_two_rounds(
    chain: LocalBackend, board: Contract, feed: Contract, owner: str
) -> None:
    for i, answers in enumerate([[1, 10], [2, 20], [3, 30]]):
        chain.set_next_timestamp(START + i)
        board.post(answers, sender=owner)
    assert feed.latestRoundData() == _round(START + 2, 30)
    assert feed.getRoundData(START + 2) == _round(START + 2, 30)
    assert feed.getRoundData(START + 1) == _round(START + 1, 20)
    with reverts("No data present"):
        feed.getRoundData(START)
    assert board.latest(0) == (3, START + 2)
    assert board.latest(2) == (0, 0)


def test_second_answer_at_one_time_replaces_the_first(
    chain: LocalBackend, board: Contract, feed: Contract, owner: str
) -> None:
    board.post_one(1, 10, sender=owner)
    chain.set_next_timestamp(START + 5)
    board.post_one(1, 20, sender=owner)
    board.post_one(1, 21, sender=owner)
    assert feed.latestRoundData() == _round(START + 5, 21)
    assert feed.getRoundData(START) == _round(START, 10)


@pytest.mark.parametrize("answer", [0, -1, LIMIT - 1, -LIMIT])
def test_any_answer_in_range_is_kept(
    board: Contract, feed: Contract, owner: str, answer: int
) -> None:
    board.post([5, answer], sender=owner)
    assert feed.latestRoundData()[1] == answer
    assert board.latest(0) == (5, START)


@pytest.mark.parametrize("answer", [LIMIT, -LIMIT - 1])
def test_answer_out_of_range(board: Contract, owner: str, answer: int) -> None:
    with reverts("board: answer out of range"):
        board.post([answer], sender=owner)


def test_only_the_owner_posts(board: Contract, owner: str, attacker: str) -> None:
    for post in (
        lambda: board.post([1], sender=attacker),
        lambda: board.post_one(0, 1, sender=attacker),
    ):
        with reverts("ownable: caller is not the owner"):
            post()
    board.transfer_ownership(attacker, sender=owner)
    board.post([1], sender=attacker)


def test_feed_needs_a_board(chain: LocalBackend, owner: str) -> None:
    with reverts("board: not a contract"):
        chain.deploy("BoardFeed", owner, 0, 8, "X / USD", sender=owner)


@pytest.fixture(scope="module")
def mock(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("MockFeed", 8, 100, sender=owner)


def _raw(chain: LocalBackend, mock: Contract) -> bytes:
    return chain.call(mock.address, mock.encode("latestRoundData"))


def _words(*values: int) -> bytes:
    return b"".join((value % 2**256).to_bytes(32, "big") for value in values)


def test_mock_feed_rounds(chain: LocalBackend, mock: Contract, owner: str) -> None:
    assert _raw(chain, mock) == _words(1, 100, START, START, 1)
    mock.set_answer(-7, sender=owner)
    assert _raw(chain, mock) == _words(2, -7, START, START, 2)
    mock.set_answer_at(8, START - 50, sender=owner)
    assert _raw(chain, mock) == _words(3, 8, START - 50, START - 50, 3)
    mock.set_round(2**80 - 1, 9, 0, 4, 6, sender=owner)
    assert _raw(chain, mock) == _words(2**80 - 1, 9, 0, 4, 6)
    assert chain.call(mock.address, mock.encode("getRoundData", 2)) == _words(
        2, -7, START, START, 2
    )
    with reverts("No data present"):
        mock.getRoundData(50)


def test_mock_feed_modes(chain: LocalBackend, mock: Contract, owner: str) -> None:
    for mode, reason in ((1, "mock: feed fails"), (2, ""), (5, "")):
        mock.set_mode(mode, sender=owner)
        with reverts(reason):
            _raw(chain, mock)
    mock.set_mode(3, sender=owner)
    assert _raw(chain, mock) == _words(1, 100)
    mock.set_mode(4, sender=owner)
    assert _raw(chain, mock) == b""
    mock.set_decimals(18, sender=owner)
    assert mock.decimals() == 18


@pytest.fixture(scope="module", params=["LocalCollateral", "HostileToken"])
def token(request: pytest.FixtureRequest, chain: LocalBackend, owner: str) -> Contract:
    args = ("Local Dollar", "LUSD", 6) if request.param == "LocalCollateral" else (6,)
    return chain.deploy(request.param, *args, sender=owner)


def test_token_follows_the_standard(token: Contract, depositor: str, trader: str) -> None:
    receipt = token.mint(depositor, 100, sender=trader)
    only_event(receipt, token, "Transfer", sender=ZERO, receiver=depositor, value=100)
    receipt = token.transfer(trader, 30, sender=depositor)
    only_event(receipt, token, "Transfer", sender=depositor, receiver=trader, value=30)
    receipt = token.approve(trader, 50, sender=depositor)
    only_event(receipt, token, "Approval", owner=depositor, spender=trader, value=50)
    token.transferFrom(depositor, trader, 20, sender=trader)
    assert token.allowance(depositor, trader) == 30
    with reverts("collateral: allowance too small"):
        token.transferFrom(depositor, trader, 31, sender=trader)
    with reverts("collateral: balance too small"):
        token.transfer(trader, 51, sender=depositor)
    token.approve(trader, MAX_UINT256, sender=depositor)
    token.transferFrom(depositor, trader, 50, sender=trader)
    assert token.allowance(depositor, trader) == MAX_UINT256
    assert (token.balanceOf(depositor), token.balanceOf(trader), token.totalSupply()) == (
        0,
        100,
        100,
    )
    assert token.decimals() == 6
    assert len(token.name()) > 3 and len(token.symbol()) == 4


@pytest.fixture(scope="module")
def hostile(chain: LocalBackend, owner: str, depositor: str) -> Contract:
    token = chain.deploy("HostileToken", 18, sender=owner)
    token.mint(depositor, 1000, sender=owner)
    return token


@pytest.mark.parametrize(
    ("answer", "returned", "moved"),
    [(0, _words(1), 10), (1, _words(0), 0), (2, b"", 10), (3, _words(1), 0)],
    ids=["honest", "false", "nothing", "lie"],
)
def test_hostile_answers(
    chain: LocalBackend,
    hostile: Contract,
    depositor: str,
    trader: str,
    answer: int,
    returned: bytes,
    moved: int,
) -> None:
    hostile.set_answer(answer, sender=trader)
    data = hostile.encode("transfer", trader, 10)
    assert chain.call(hostile.address, data, depositor) == returned
    hostile.transfer(trader, 10, sender=depositor)
    assert (hostile.balanceOf(trader), hostile.balanceOf(depositor)) == (moved, 1000 - moved)


def test_hostile_fee_blocklist_burn(hostile: Contract, depositor: str, trader: str) -> None:
    hostile.set_fee(100, sender=trader)
    hostile.transfer(trader, 200, sender=depositor)
    assert (hostile.balanceOf(trader), hostile.totalSupply()) == (198, 998)
    hostile.set_blocked(trader, True, sender=trader)
    for sender, receiver in ((depositor, trader), (trader, depositor)):
        with reverts("mock: account blocked"):
            hostile.transfer(receiver, 1, sender=sender)
    hostile.burn(trader, 98, sender=depositor)
    assert (hostile.balanceOf(trader), hostile.totalSupply()) == (100, 900)


def test_hostile_callback(hostile: Contract, depositor: str, trader: str, attacker: str) -> None:
    """Calls back once a transfer, keeps what came of it, never fails by it."""
    hostile.mint(hostile.address, 5, sender=attacker)
    hostile.set_callback(hostile, hostile.encode("transfer", attacker, 5), sender=attacker)
    hostile.transfer(trader, 1, sender=depositor)
    assert (hostile.balanceOf(attacker), hostile.calls()) == (5, 1)
    assert (hostile.call_succeeded(), hostile.call_returned()) == (True, _words(1))
    hostile.transfer(trader, 1, sender=depositor)
    assert (hostile.calls(), hostile.call_succeeded()) == (2, False)
    assert b"collateral: balance too small" in hostile.call_returned()
    assert hostile.balanceOf(trader) == 2
