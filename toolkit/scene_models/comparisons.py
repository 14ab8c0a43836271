"""What lies before a place between two shots against what lies after it, as layers of a keras model.

A boundary is not something about a shot, but about the shots before it against those after it. The networks that
compare are therefore given, for each place between two shots and each modality, distances in a projection of the
features: of each shot to those 1 to 8 later; of the mean of the last w shots to the mean of the next w, for w of 2 to
16; and the least of any shot before the place to any after it, which stays small where a dialogue goes to and fro. All
have their mean and spread in the movie made 0 and 1, for films differ in pace and colour more than their scenes do.

Distances of one kind are computed side by side: a layer takes longer to call than to compute.
"""

LAGS = (1, 2, 3, 4, 5, 6, 7, 8)
MEANS = (2, 4, 8, 16)
# of the shots how far apart at most the nearest two are sought
NEAREST_LAGS = (4, 8)
# a distance of nothing, in units of the spread within scenes
MIN_DISTANCE = 0.02


def comparisons(keras, x, known, modalities, projection):
    """Return logarithms of distances, at i across the place between shot i and i + 1.

    Of projected features (n, length, modalities * projection), and of which are known, (n, length, modalities), it is
    (n, length, comparisons * modalities): `LAGS`, `MEANS` and `NEAREST_LAGS`, each of all modalities.
    """
    layers, ops = keras.layers, keras.ops
    beside = layers.Concatenate()

    def distance(apart, count):
        apart = layers.Reshape((-1, count * modalities, projection))(apart)
        return ops.mean(apart * apart, axis=-1)

    # each shot and those later, where there are any
    room = max(LAGS)
    padded, padded_known = layers.ZeroPadding1D((0, room))(x), layers.ZeroPadding1D((0, room))(known)
    later = [layers.Cropping1D((lag, room - lag)) for lag in LAGS]
    steps = distance(beside([x - crop(padded) for crop in later]), len(LAGS))
    pairs = beside([known * crop(padded_known) for crop in later])

    # sums of 2, 4 ... shots up to each place and from it on, with room for them after the last
    room = max(MEANS)
    sums = layers.ZeroPadding1D((0, room))(beside([known, x]))
    counts, totals = [], []
    for width in MEANS:
        sums = layers.Add()([sums, layers.Cropping1D((0, width // 2))(layers.ZeroPadding1D((width // 2, 0))(sums))])
        for ends in ((0, room), (width, room - width)):
            count, total = ops.split(layers.Cropping1D(ends)(sums), [modalities], axis=-1)
            counts.append(count)
            totals.append(total)
    means = beside(totals) / ops.repeat(ops.maximum(beside(counts), 1.0), projection, axis=-1)
    before_after = ops.split(means, len(totals), axis=-1)
    widths = beside([a - b for a, b in zip(before_after[::2], before_after[1::2], strict=True)])
    widths = distance(widths, len(MEANS))
    both = ops.minimum(beside(counts[::2]) * beside(counts[1::2]), 1.0)

    # nearness, 0 where there is no pair; of all pairs so far apart that have the place between them
    found = ops.split(pairs / (steps + MIN_DISTANCE), len(LAGS), axis=-1)
    near, nearest = found[0], []
    for lag, values in zip(LAGS[1:], found[1:], strict=True):
        values = layers.MaxPooling1D(lag, strides=1)(layers.ZeroPadding1D((lag - 1, 0))(values))
        near = ops.maximum(near, values)
        if lag in NEAREST_LAGS:
            nearest.append(near)
    nearest = beside(nearest)

    values = beside([ops.log(beside([steps, widths]) + MIN_DISTANCE), -ops.log(ops.maximum(nearest, 1e-6))])
    return standard(keras, values, beside([pairs, both, ops.minimum(nearest * 1e6, 1.0)]))


def standard(keras, values, there):
    """Return values with their mean and spread in the movie as 0 and 1; 0 where they are not there."""
    ops = keras.ops
    count = ops.maximum(ops.sum(there, axis=1, keepdims=True), 1.0)
    mean = ops.sum(values * there, axis=1, keepdims=True) / count
    centred = (values - mean) * there
    variance = ops.sum(centred * centred, axis=1, keepdims=True) / count
    return centred / ops.sqrt(variance + 1e-3)
