# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title tick_walk
@license AGPL-3.0-only
@notice What a Uniswap v3 pool's `swap` would take in, give out and leave as its
        price, to the wei, computed from the pool's state without calling it.
@dev Prices are square roots of token1 per token0 at scale 2**96, within 160
     bits; liquidity is within 128 bits, hence every amount within 193. Fees are
     pips, millionths of the amount in. A swap goes in steps of constant
     liquidity: to the next initialised tick or, because the pool rounds there
     as well, to the end of a word of 256 ticks. Within a word the square root
     of the price changes by less than 2**31 times while the tick spacing is at
     most 1,600 (Uniswap's are at most 200): products with it fit in 256 bits.
     Amounts in are rounded up, amounts out down, prices towards the start of
     the step, or towards its end when the amount out is given.
"""

from snekmate.utils import math


# @dev What is decoded of the outputs, each as a whole word.
interface IUniswapV3Pool:
    def slot0() -> (uint256, int256): view  # price, tick
    def liquidity() -> uint256: view
    def tickBitmap(word: int16) -> uint256: view
    def ticks(tick: int24) -> (uint256, int256): view  # gross, net liquidity


MAX_STEPS: constant(uint256) = 64

_Q96: constant(uint256) = 2**96
_PIPS: constant(uint256) = 10**6
_MAX_TICK: constant(uint256) = 887_272
_WORDS: constant(uint256) = 2**15  # words of ticks below zero
_PLENTY: constant(uint256) = 2**230  # more than MAX_STEPS steps can move


# --- swap ---


@view
@internal
def _walk(
    pool: address,
    fee: uint256,
    spacing: uint256,
    zero_for_one: bool,
    amount: int256,
    sqrt_limit: uint256,
) -> (uint256, uint256, uint256):
    """
    @notice Amount in with the fee, amount out, and the price after a swap up to
            the amount or the limit, whichever comes first; nothing when the
            price is at or beyond the limit already.
    @dev Ends after MAX_STEPS steps with what has been done until then: compare
         the price with the limit and the amounts with the one asked for.
    @param fee The pool's, pips.
    @param spacing The pool's tick spacing, at most 1,600.
    @param amount What comes in when positive, what goes out when negative.
    @param sqrt_limit Between the lowest and the highest price, without them.
    """
    price: uint256 = 0
    tick: int256 = 0
    price, tick = staticcall IUniswapV3Pool(pool).slot0(skip_contract_check=True)
    taken: uint256 = 0
    given: uint256 = 0
    remaining: uint256 = min(convert(abs(amount), uint256), _PLENTY)
    if remaining == 0 or (price > sqrt_limit) != zero_for_one:
        return taken, given, price

    liquidity: uint256 = staticcall IUniswapV3Pool(pool).liquidity(skip_contract_check=True)
    for _: uint256 in range(MAX_STEPS):
        initialised: bool = False
        tick, initialised = self._next_tick(pool, tick, spacing, zero_for_one)
        target: uint256 = self._sqrt_price_at_tick(tick)
        if (target < sqrt_limit) == zero_for_one:
            target = sqrt_limit

        step_in: uint256 = 0
        step_out: uint256 = 0
        price, step_in, step_out = self._step(
            price, target, liquidity, remaining, fee, zero_for_one, amount > 0
        )
        taken = unsafe_add(taken, step_in)
        given = unsafe_add(given, step_out)
        remaining = unsafe_sub(remaining, step_in if amount > 0 else step_out)

        if remaining == 0 or price == sqrt_limit:
            break
        if initialised:
            liquidity = self._crossed(pool, tick, liquidity, zero_for_one)
        if zero_for_one:
            tick = unsafe_sub(tick, 1)
    return taken, given, price


@view
@internal
def _crossed(pool: address, tick: int256, liquidity: uint256, zero_for_one: bool) -> uint256:
    """
    @return Liquidity beyond an initialised tick.
    """
    gross: uint256 = 0
    net: int256 = 0
    gross, net = staticcall IUniswapV3Pool(pool).ticks(
        convert(tick, int24), skip_contract_check=True
    )
    if zero_for_one:
        net = unsafe_sub(0, net)
    return convert(unsafe_add(convert(liquidity, int256), net), uint256)


# --- ticks ---


@view
@internal
def _next_tick(pool: address, tick: int256, spacing: uint256, zero_for_one: bool) -> (int256, bool):
    """
    @return The nearest initialised tick in the word, else the word's last one;
            and whether it is initialised. Downwards the tick itself counts.
    """
    zero: uint256 = unsafe_mul(spacing, _WORDS * 256)
    place: uint256 = unsafe_div(convert(unsafe_add(tick, convert(zero, int256)), uint256), spacing)
    if not zero_for_one:
        place = unsafe_add(place, 1)
    word: uint256 = place >> 8
    marks: uint256 = staticcall IUniswapV3Pool(pool).tickBitmap(
        convert(unsafe_sub(convert(word, int256), convert(_WORDS, int256)), int16),
        skip_contract_check=True,
    )
    found: uint256 = 0
    if zero_for_one:
        marks &= max_value(uint256) >> (~place & 255)
        if marks != 0:
            found = self._top_bit(marks)
    else:
        marks &= max_value(uint256) << (place & 255)
        found = 255
        if marks != 0:
            found = self._top_bit(marks & unsafe_sub(0, marks))
    following: uint256 = unsafe_mul((word << 8) | found, spacing)
    return unsafe_sub(convert(following, int256), convert(zero, int256)), marks != 0


@pure
@internal
def _top_bit(x: uint256) -> uint256:
    """
    @return Place of the highest bit that is set.
    """
    rest: uint256 = x
    found: uint256 = 0
    half: uint256 = 128
    for _: uint256 in range(8):
        if rest >> half != 0:
            rest >>= half
            found |= half
        half >>= 1
    return found


@pure
@internal
def _sqrt_price_at_tick(tick: int256) -> uint256:
    """
    @return sqrt(1.0001 ** tick) as the pool has it, rounded up from scale 2**128.
            Beyond the last tick in either direction, that of the last.
    @dev The product of 1.0001 ** -(2**i / 2) over the bits i of the distance.
    """
    distance: uint256 = min(convert(abs(tick), uint256), _MAX_TICK)
    ratio: uint256 = 2**128
    if distance & 1 != 0:
        ratio = 340_265_354_078_544_963_557_816_517_032_075_149_313
    if distance & 2 != 0:
        ratio = unsafe_mul(ratio, 340_248_342_086_729_790_484_326_174_814_286_782_778) >> 128
    if distance & 4 != 0:
        ratio = unsafe_mul(ratio, 340_214_320_654_664_324_051_920_982_716_015_181_260) >> 128
    if distance & 8 != 0:
        ratio = unsafe_mul(ratio, 340_146_287_995_602_323_631_171_512_101_879_684_304) >> 128
    if distance & 16 != 0:
        ratio = unsafe_mul(ratio, 340_010_263_488_231_146_823_593_991_679_159_461_444) >> 128
    if distance & 32 != 0:
        ratio = unsafe_mul(ratio, 339_738_377_640_345_403_697_157_401_104_375_502_016) >> 128
    if distance & 64 != 0:
        ratio = unsafe_mul(ratio, 339_195_258_003_219_555_707_034_227_454_543_997_025) >> 128
    if distance & 128 != 0:
        ratio = unsafe_mul(ratio, 338_111_622_100_601_834_656_805_679_988_414_885_971) >> 128
    if distance & 256 != 0:
        ratio = unsafe_mul(ratio, 335_954_724_994_790_223_023_589_805_789_778_977_700) >> 128
    if distance & 512 != 0:
        ratio = unsafe_mul(ratio, 331_682_121_138_379_247_127_172_139_078_559_817_300) >> 128
    if distance & 1024 != 0:
        ratio = unsafe_mul(ratio, 323_299_236_684_853_023_288_211_250_268_160_618_739) >> 128
    if distance & 2048 != 0:
        ratio = unsafe_mul(ratio, 307_163_716_377_032_989_948_697_243_942_600_083_929) >> 128
    if distance & 4096 != 0:
        ratio = unsafe_mul(ratio, 277_268_403_626_896_220_162_999_269_216_087_595_045) >> 128
    if distance & 8192 != 0:
        ratio = unsafe_mul(ratio, 225_923_453_940_442_621_947_126_027_127_485_391_333) >> 128
    if distance & 16384 != 0:
        ratio = unsafe_mul(ratio, 149_997_214_084_966_997_727_330_242_082_538_205_943) >> 128
    if distance & 32768 != 0:
        ratio = unsafe_mul(ratio, 66_119_101_136_024_775_622_716_233_608_466_517_926) >> 128
    if distance & 65536 != 0:
        ratio = unsafe_mul(ratio, 12_847_376_061_809_297_530_290_974_190_478_138_313) >> 128
    if distance & 131072 != 0:
        ratio = unsafe_mul(ratio, 485_053_260_817_066_172_746_253_684_029_974_020) >> 128
    if distance & 262144 != 0:
        ratio = unsafe_mul(ratio, 691_415_978_906_521_570_653_435_304_214_168) >> 128
    if distance & 524288 != 0:
        ratio = unsafe_mul(ratio, 1_404_880_482_679_654_955_896_180_642) >> 128
    if tick > 0:
        ratio = unsafe_div(max_value(uint256), ratio)
    return unsafe_add(ratio, 2**32 - 1) >> 32


# --- one step, at constant liquidity ---


@pure
@internal
def _step(
    price: uint256,
    target: uint256,
    liquidity: uint256,
    remaining: uint256,
    fee: uint256,
    zero_for_one: bool,
    exact_in: bool,
) -> (uint256, uint256, uint256):
    """
    @return Price after, amount in with the fee, amount out, when `remaining` may
            come in or else go out: all of it, unless less reaches the target.
    @dev Short of the target the fee is what of the amount in is not swapped, and
         the rounding of the price covers at least the amount out.
    """
    rest: uint256 = unsafe_sub(_PIPS, fee)
    needed: uint256 = 0
    out: uint256 = 0
    needed, out = self._moved_up_down(price, target, liquidity, zero_for_one)
    specified: uint256 = remaining
    enough: uint256 = out
    if exact_in:
        specified = unsafe_div(unsafe_mul(remaining, rest), _PIPS)
        enough = needed
    after: uint256 = target
    if specified < enough:
        after = self._price_after(price, liquidity, specified, zero_for_one, exact_in)
        needed, out = self._moved_up_down(price, after, liquidity, zero_for_one)
        if exact_in:
            return after, remaining, out
        out = remaining
    return after, unsafe_add(needed, self._quotient_up(unsafe_mul(needed, fee), rest)), out


@pure
@internal
def _moved_up_down(
    price: uint256, after: uint256, liquidity: uint256, zero_for_one: bool
) -> (uint256, uint256):
    """
    @return What comes in without the fee, rounded up, and what goes out, rounded
            down, from one price to the other.
    """
    depth: uint256 = liquidity << 96
    if zero_for_one:
        change: uint256 = unsafe_sub(price, after)
        return (
            self._quotient_up(math._mul_div(depth, change, price, True), after),
            math._mul_div(liquidity, change, _Q96, False),
        )
    change: uint256 = unsafe_sub(after, price)
    return (
        math._mul_div(liquidity, change, _Q96, True),
        unsafe_div(math._mul_div(depth, change, after, False), price),
    )


@pure
@internal
def _price_after(
    price: uint256, liquidity: uint256, amount: uint256, zero_for_one: bool, exact_in: bool
) -> uint256:
    """
    @return The price, rounded up for token0 and down for token1, after an amount
            too small to reach the end of the step came in, or else went out.
    """
    if zero_for_one == exact_in:
        depth: uint256 = liquidity << 96
        product: uint256 = unsafe_mul(amount, price)
        if not exact_in:
            product = unsafe_sub(0, product)
        return math._mul_div(depth, price, unsafe_add(depth, product), True)
    change: uint256 = math._mul_div(amount, _Q96, liquidity, zero_for_one)
    if zero_for_one:
        return unsafe_sub(price, change)
    return unsafe_add(price, change)


@pure
@internal
def _quotient_up(numerator: uint256, denominator: uint256) -> uint256:
    """
    @dev The numerator is at most 2**255.
    """
    return unsafe_div(unsafe_add(numerator, unsafe_sub(denominator, 1)), denominator)
