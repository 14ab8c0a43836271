"""How well clusters of videos and their kinds agree, on the sample corpora.

    python -m benchmarks.quality.clustering

The clips are clustered by the layout of every 10th of their frames, and beside it by mean colors; agreement is the
adjusted Rand index of clusters and kinds.
"""

import sys

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.shared import finish, heading, parser_of, report
from toolkit import clustering, embeddings, video
from toolkit.samples import sample_corpus

SEEDS = range(4)


def scores(seed):
    """Return the adjusted Rand index of clusters of a sample corpus and its kinds: of layout, and of mean colors."""
    corpus = sample_corpus(seed, progress=False)
    layouts, colors = [], []
    for path in corpus.videos["path"]:
        images = video.read_frames(path, fps=12, progress=False).images
        layouts.append(embeddings.embed(images[::10], cache=False, progress=False).mean(axis=0))
        colors.append(images.mean(axis=(0, 1, 2)))
    kinds = corpus.videos["kind"]
    return [
        adjusted_rand_score(kinds, clustering.cluster_videos(np.stack(data), 6).labels) for data in (layouts, colors)
    ]


def main():
    parser_of(__doc__).parse_args()
    heading("adjusted Rand index of clusters and kinds", "layout", "mean color", "")
    kept = []
    for seed in SEEDS:
        layout, colors = scores(seed)
        row = f"sample corpus {seed}", f"{layout:.3f}", ">= 0.9", layout >= 0.9
        kept.append(report(*row, peer=f"{colors:.3f}"))
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
