"""How soon key words of clusters are there.

    python -m benchmarks.speed.keywords

20 clusters of 20 videos with 20 captions each, 8,000 in all, drawn as those of the sample corpus. The peer is KeyBERT
run plainly, with the same sentence encoder: all captions of a cluster as one text, once a cluster. All are timed after
the encoder is loaded, on one thread, which is the faster for so small a network; the processor's seconds stand beside.
What is promised is the time with the sentences' vectors kept on disk.
"""

import sys
import tempfile

import torch

from benchmarks.shared import captioned_clusters, finish, heading, machine, parser_of, plain_keybert, report, timed
from toolkit import keywords
from toolkit.samples.corpus.captions import NOUNS

CLUSTERS, VIDEOS, CAPTIONS = 20, 20, 20
SECONDS = 60


def runs(kinds):
    """Return what each way takes, by its name."""
    clusters, captions = captioned_clusters(kinds, VIDEOS, CAPTIONS, 100)
    distinct = len({caption for lines in captions.values() for caption in lines})
    print(f"{CLUSTERS} clusters of {VIDEOS * CAPTIONS} captions ({distinct} distinct); {machine()}\n")
    keywords.describe_clusters(*captioned_clusters(kinds[:1], 1, 1, 0), cache=False, progress=False)
    with tempfile.TemporaryDirectory() as folder:

        def describe(**options):
            return keywords.describe_clusters(clusters, captions, cache=folder, progress=False, **options)

        return {
            "nothing kept": timed(describe),
            "all vectors kept": timed(describe),
            "captions kept, other words asked": timed(lambda: describe(n_sentences=5)),
            "plain KeyBERT": timed(lambda: plain_keybert(clusters, captions)),
        }


def main():
    parser_of(__doc__).parse_args()
    torch.set_num_threads(1)
    kinds = list(NOUNS)
    found = runs([kinds[at % len(kinds)] for at in range(CLUSTERS)])
    heading(value="seconds", peer="processor", ratio="faster")
    kept = []
    for name, run in found.items():
        row = name, f"{run.seconds:.1f} s"
        beside = {"peer": f"{run.processor:.1f} s", "ratio": f"{found['plain KeyBERT'].seconds / run.seconds:.1f}"}
        if name == "all vectors kept":
            kept.append(report(*row, f"< {SECONDS} s", run.seconds < SECONDS, **beside))
        else:
            report(*row, **beside)
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
