"""How fast frames are clustered, beside scikit-learn, and in what memory.

    python -m benchmarks.speed.setups [--quick]

How well clusters and set-ups are found is measured in benchmarks/quality/setups.py.
"""

import sys

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from benchmarks.shared import best_of, finish, heading, in_process, machine, parser_of, report, timed
from toolkit import shots

MEMORY = """
import time
import numpy as np
from toolkit import shots

n, d = 7800, 25088
rng = np.random.default_rng(0)
features = np.empty((n, d), np.float32)
for row in features:
    row[:] = rng.random(d, dtype=np.float32)
start = time.perf_counter()
shots.cut_tree(shots.linkage_tree(features), 1.0)
print(resident("VmHWM"), time.perf_counter() - start)
"""


def speed():
    """Yield whether a cut anew is as fast as promised."""
    n, d = 7800, 64
    features = np.random.default_rng(0).random((n, d))
    tree = shots.linkage_tree(features)
    threshold = shots.suggest_threshold(tree)
    shots.cut_tree(tree, threshold)
    ours = best_of(20, lambda: shots.cut_tree(tree, threshold)).seconds
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=threshold, linkage="ward")
    peer = timed(lambda: model.fit(features)).seconds
    row = f"a cut anew of {n:,} frames (peer: scikit-learn)", f"{ours * 1e3:.2f} ms", "< 10 ms", ours < 0.01
    yield report(*row, peer=f"{peer:.1f} s", ratio=f"{peer / ours:,.0f}")
    whole = timed(lambda: shots.cluster_frames(features, threshold)).seconds
    row = f"cluster_frames of {n:,} x {d} (peer: the same)", f"{whole:.1f} s"
    report(*row, peer=f"{peer:.1f} s", ratio=f"{peer / whole:.2f}")
    report("suggest_threshold", f"{best_of(5, lambda: shots.suggest_threshold(tree)).seconds * 1e3:.1f} ms")


def memory():
    """Yield whether a tree of many vectors takes no more memory than promised."""
    peak, seconds = in_process(MEMORY)
    report("tree of 7,800 x 25,088 float32", f"{seconds:.0f} s")
    yield report("    peak memory, features and all", f"{peak / 1e9:.1f} GB", "< 8 GB", peak < 8e9)


def main():
    quick = parser_of(__doc__, "no memory is measured").parse_args().quick
    print(f"{machine()}\n")
    heading()
    return finish([*speed(), *([] if quick else memory())])


if __name__ == "__main__":
    sys.exit(main())
