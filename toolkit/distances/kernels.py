"""The compiled loops of `toolkit.distances`: pixels to coded slabs, and coded slabs to integer sums.

A slab is a range of pixels of many frames, cut into chunks that stay in a processor's caches while every frame is
compared with every other: for gray uint8 (chunks, frames, chunk) of luma, for HSL uint16 (chunks, frames, 3, chunk) of
saturation, lightness and hue. A chunk is a multiple of LANES pixels; those beyond an image's last are coded 0 in every
frame, and so add nothing. Frames are compared in squares of SIDE by SIDE, whose sums stay in registers; a slab has a
multiple of SIDE frames, of which the last may hold anything.

The kernels release Python's lock. With NUMBA_DISABLE_JIT=1 they run as plain Python: slow, with the same results.
"""

import functools

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, codegen, config, types
from numba.extending import intrinsic

SIDE = 4
LANES = 64
GRAY_CHUNK = 4096
# 512 times the largest sum of two squares, 2 * 2040^2, just fits 32 bits
HSL_CHUNK = 512
# of saturation and lightness: a multiple of 510, for lightness is (max + min) / 510
LEVELS = 2040
HUES = 65536
# what a squared step of level and a step of hue distance weigh in a sum, that all be whole; and what a distance of 1 is
SQUARE_WEIGHT = HUES // 2 // 64
HUE_WEIGHT = LEVELS * LEVELS // 64
HSL_UNIT = SQUARE_WEIGHT * LEVELS * LEVELS


@numba.njit(nogil=True, cache=True)
def code_luma(pixels, start, coded):
    """Write the luma of `pixels`, uint8 (frames, n, 3), from `start` on to `coded`, uint8 (frames, chunk)."""
    count = min(coded.shape[1], pixels.shape[1] - start)
    for i in range(pixels.shape[0]):
        flat = pixels[i, start : start + count].reshape(-1)
        for k in range(count):
            r, g, b = np.int32(flat[3 * k]), np.int32(flat[3 * k + 1]), np.int32(flat[3 * k + 2])
            # (299 * r + 587 * g + 114 * b + 500) // 1000, the same for every colour
            coded[i, k] = (313524 * r + 615514 * g + 119538 * b + 524544) >> 20
        coded[i, count:] = 0


@numba.njit(nogil=True, cache=True)
def code_hsl(pixels, start, coded):
    """Write saturation, lightness and hue of `pixels`, uint8 (frames, n, 3), from `start` on to `coded`, uint16."""
    count = min(coded.shape[2], pixels.shape[1] - start)
    for i in range(pixels.shape[0]):
        flat = pixels[i, start : start + count].reshape(-1)
        # a loop for each: compilers make no SIMD of loops that write to several places
        saturations, lightnesses, hues = coded[i, 0], coded[i, 1], coded[i, 2]
        for k in range(count):
            saturations[k] = saturation_level(flat[3 * k], flat[3 * k + 1], flat[3 * k + 2])
        for k in range(count):
            lightnesses[k] = lightness_level(flat[3 * k], flat[3 * k + 1], flat[3 * k + 2])
        for k in range(count):
            hues[k] = hue_level(flat[3 * k], flat[3 * k + 1], flat[3 * k + 2])
        coded[i, :, count:] = 0


@numba.njit(nogil=True, cache=True, error_model="numpy")
def saturation_level(red, green, blue):
    """Return saturation, (max - min) / (1 - |max + min - 1|), in LEVELS; of black and white, 0 / 0, it is 0."""
    r, g, b = np.int32(red), np.int32(green), np.int32(blue)
    high, low = max(r, g, b), min(r, g, b)
    reach = np.int32(255 - abs(np.int32(high + low - 255)))
    saturation = np.float32(np.int32(high - low)) / np.float32(max(reach, np.int32(1)))
    return np.int32(saturation * np.float32(LEVELS) + np.float32(0.5))


@numba.njit(nogil=True, cache=True)
def lightness_level(red, green, blue):
    """Return lightness, (max + min) / 2, in LEVELS."""
    r, g, b = np.int32(red), np.int32(green), np.int32(blue)
    return np.int32(max(r, g, b) + min(r, g, b)) * (LEVELS // 510)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def hue_level(red, green, blue):
    """Return hue in HUES: a sixth of the circle from each primary and secondary colour to the next, gray at 0."""
    r, g, b = np.int32(red), np.int32(green), np.int32(blue)
    high = max(r, g, b)
    spread = np.float32(max(np.int32(high - min(r, g, b)), np.int32(1)))
    turn = np.int32(g - b) if high == r else (np.int32(b - r) if high == g else np.int32(r - g))
    sixths = np.float32(0) if high == r else (np.float32(2) if high == g else np.float32(4))
    hue = np.float32(turn) / spread + sixths
    # a circle more, that negative hues be rounded like the others
    return np.int32(hue * np.float32(HUES / 6) + np.float32(HUES + 0.5)) & (HUES - 1)


@numba.njit(nogil=True, cache=True)
def add_gray_sums(a, b, squares, sums):
    """Add to `sums`, int64 (frames, frames), the absolute differences of slabs `a` and `b`, in the given squares.

    `squares` are int64 (m, 2): the position in `sums` in steps of SIDE.
    """
    square = np.empty((SIDE, SIDE), np.int64)
    for chunk in range(a.shape[0]):
        for n in range(squares.shape[0]):
            i, j = squares[n, 0] * SIDE, squares[n, 1] * SIDE
            gray_square(a[chunk], b[chunk], i, j, square)
            sums[i : i + SIDE, j : j + SIDE] += square


@numba.njit(nogil=True, cache=True)
def add_hsl_sums(a, b, squares, sums):
    """Add to `sums` the HSL distances, in units of 1 / HSL_UNIT, of slabs `a` and `b`, in the given squares."""
    for chunk in range(a.shape[0]):
        for n in range(squares.shape[0]):
            i, j = squares[n, 0] * SIDE, squares[n, 1] * SIDE
            for x in range(i, i + SIDE):
                for y in range(j, j + SIDE):
                    sums[x, y] += hsl_sum(a[chunk, x], b[chunk, y])


@numba.njit(nogil=True, cache=True)
def portable_hsl_sum(a, b):
    """Return the weighted sum over pixels of ds^2 + dl^2 and dh, of two frames' chunks, uint16 (3, chunk)."""
    squares = np.uint32(0)
    hues = np.uint32(0)
    # 16-bit differences, for processors multiply and add those by pairs
    for k in range(a.shape[1]):
        s1, s2 = np.int32(a[0, k]), np.int32(b[0, k])
        ds = np.int32(np.int16(s1 - s2))
        dl = np.int32(np.int16(np.int32(a[1, k]) - np.int32(b[1, k])))
        squares = np.uint32(squares + ds * ds + dl * dl)
        # HUES * min(d, 1 - d): beyond half a turn 16 bits wrap round as the circle does
        turn = np.int16(np.int32(a[2, k]) - np.int32(b[2, k]))
        dh = np.uint16(abs(np.int32(turn)))
        # grays, and they alone, have saturation 0
        hues = np.uint32(hues + (dh if min(s1, s2) > 0 else np.uint16(0)))
    return SQUARE_WEIGHT * np.int64(squares) + HUE_WEIGHT * np.int64(hues)


@numba.njit(nogil=True, cache=True)
def portable_gray_square(a, b, i, j, square):
    """Write to `square` the sums of absolute differences of rows i... of `a` and j... of `b`, uint8 (frames, chunk)."""
    for x in range(SIDE):
        for y in range(SIDE):
            total = np.int32(0)
            for k in range(a.shape[1]):
                total = np.int32(total + abs(np.int32(np.int32(a[i + x, k]) - np.int32(b[j + y, k]))))
            square[x, y] = total


def simd_gray_square(lanes, columns, instruction):
    """Return `portable_gray_square` by a processor's sum of absolute differences of `lanes` bytes.

    `columns` of the square are done at a time, that their sums, SIDE by `columns`, fit its registers.
    """
    pixels_type = ir.VectorType(ir.IntType(8), lanes)
    sums_type = ir.VectorType(ir.IntType(64), lanes // 8)

    def generate(context, builder, signature, arguments):
        a, b, square = (context.make_array(signature.args[n])(context, builder, arguments[n]) for n in (0, 1, 4))
        chunk = cgutils.unpack_tuple(builder, a.shape)[1]
        number = functools.partial(ir.Constant, chunk.type)
        declare = functools.partial(cgutils.get_or_insert_function, builder.module)
        differ = declare(ir.FunctionType(sums_type, [pixels_type, pixels_type]), instruction)
        total = declare(ir.FunctionType(ir.IntType(64), [sums_type]), f"llvm.vector.reduce.add.v{lanes // 8}i64")

        def row(array, first, n):
            return builder.gep(array.data, [builder.mul(builder.add(first, number(n)), chunk)])

        def load(row, k):
            return builder.load(builder.bitcast(builder.gep(row, [k]), pixels_type.as_pointer()), align=1)

        rows_a = [row(a, arguments[2], x) for x in range(SIDE)]
        for left in range(0, SIDE, columns):
            rows_b = [row(b, arguments[3], left + y) for y in range(columns)]
            zero = ir.Constant(sums_type, None)
            sums = {place: cgutils.alloca_once_value(builder, zero) for place in np.ndindex(SIDE, columns)}
            with cgutils.for_range_slice(builder, number(0), chunk, number(lanes)) as (k, _):
                pixels_b = [load(row_b, k) for row_b in rows_b]
                for x, row_a in enumerate(rows_a):
                    pixels_a = load(row_a, k)
                    for y in range(columns):
                        difference = builder.call(differ, [pixels_a, pixels_b[y]])
                        builder.store(builder.add(builder.load(sums[x, y]), difference), sums[x, y])
            for (x, y), vector in sums.items():
                place = builder.gep(square.data, [number(SIDE * x + left + y)])
                builder.store(builder.call(total, [builder.load(vector)]), place)
        return context.get_dummy_value()

    @intrinsic
    def gray_square(typing_context, a, b, i, j, square):
        return types.void(a, b, i, j, square), generate

    return gray_square


def simd_hsl_sum(lanes, instruction):
    """Return `portable_hsl_sum` by a processor's `instruction`: `lanes` 16-bit products, added by pairs."""
    pixels_type = ir.VectorType(ir.IntType(16), lanes)
    sums_type = ir.VectorType(ir.IntType(32), lanes // 2)

    def generate(context, builder, signature, arguments):
        a, b = (
            context.make_array(kind)(context, builder, array)
            for kind, array in zip(signature.args, arguments, strict=True)
        )
        chunk = cgutils.unpack_tuple(builder, a.shape)[1]
        number = functools.partial(ir.Constant, chunk.type)
        declare = functools.partial(cgutils.get_or_insert_function, builder.module)
        multiply = declare(ir.FunctionType(sums_type, [pixels_type, pixels_type]), instruction)
        total = declare(ir.FunctionType(ir.IntType(32), [sums_type]), f"llvm.vector.reduce.add.v{lanes // 2}i32")
        zero, minus_one = (ir.Constant(pixels_type, [value] * lanes) for value in (0, -1))

        def load(array, plane, k):
            place = builder.gep(array.data, [builder.add(k, builder.mul(chunk, number(plane)))])
            return builder.load(builder.bitcast(place, pixels_type.as_pointer()), align=1)

        def add_products(storage, x, y):
            builder.store(builder.add(builder.load(storage), builder.call(multiply, [x, y])), storage)

        # apart, for each addition waits for the one before
        saturations, lightnesses, hues = (
            cgutils.alloca_once_value(builder, ir.Constant(sums_type, None)) for _ in range(3)
        )
        with cgutils.for_range_slice(builder, number(0), chunk, number(lanes)) as (k, _):
            (s1, s2), (l1, l2), (h1, h2) = ((load(a, plane, k), load(b, plane, k)) for plane in range(3))
            ds, dl, turn, back = (builder.sub(*pair) for pair in ((s1, s2), (l1, l2), (h1, h2), (h2, h1)))
            add_products(saturations, ds, ds)
            add_products(lightnesses, dl, dl)
            # the negative of dh, for 32768 is no signed 16-bit number
            closer = builder.select(builder.icmp_signed("<", turn, back), turn, back)
            less_saturated = builder.select(builder.icmp_unsigned("<", s1, s2), s1, s2)
            colored = builder.icmp_unsigned("!=", less_saturated, zero)
            add_products(hues, builder.select(colored, closer, zero), minus_one)
        squares = builder.add(builder.load(saturations), builder.load(lightnesses))

        def weighted(sums, weight):
            return builder.mul(builder.zext(builder.call(total, [sums]), chunk.type), number(weight))

        return builder.add(weighted(squares, SQUARE_WEIGHT), weighted(builder.load(hues), HUE_WEIGHT))

    @intrinsic
    def hsl_sum(typing_context, a, b):
        return types.int64(a, b), generate

    return hsl_sum


def host_features():
    """Return the features of the processor that numba compiles for, with the environment's overrides, as a set."""
    features = codegen.get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
    return {feature[1:] for feature in features.split(",") if feature.startswith("+")}


gray_square, hsl_sum = portable_gray_square, portable_hsl_sum
if not config.DISABLE_JIT and "avx512bw" in host_features():
    gray_square = simd_gray_square(64, 4, "llvm.x86.avx512.psad.bw.512")
    hsl_sum = simd_hsl_sum(32, "llvm.x86.avx512.pmaddw.d.512")
elif not config.DISABLE_JIT and "avx2" in host_features():
    gray_square = simd_gray_square(32, 2, "llvm.x86.avx2.psad.bw")
    hsl_sum = simd_hsl_sum(16, "llvm.x86.avx2.pmadd.wd")
