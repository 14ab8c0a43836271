"""How often the first three key words of a cluster name its topic, beside plain KeyBERT.

    python -m benchmarks.quality.keywords [--quick]

Twenty corpora (with --quick, three) of 11 clips a kind with five captions each, drawn as those of the sample corpus but
not the same, clustered by the true kinds: about one caption in twelve belongs to another kind, one in ten is misspelt,
and one in six would fit any clip. What is counted is how often a word of the first three holds the topic's noun.
(min_share was chosen on the sample corpora 0 to 9, so that those prove nothing.)
"""

import sys

import torch

from benchmarks.shared import captioned_clusters, finish, heading, parser_of, plain_keybert, report
from toolkit import keywords
from toolkit.samples.corpus.captions import NOUNS


def topics_named(words):
    """Return how many of the clusters, one a kind, have the topic's noun in the first three words."""
    pairs = zip(NOUNS.values(), words.values(), strict=True)
    return sum(any(noun in phrase.split() for phrase, _ in phrases[:3]) for noun, phrases in pairs)


def main():
    quick = parser_of(__doc__, "three corpora").parse_args().quick
    torch.set_num_threads(1)
    seeds = range(10, 13 if quick else 30)
    ours = peer = 0
    for seed in seeds:
        clusters, captions = captioned_clusters(list(NOUNS), 11, 5, seed)
        ours += topics_named(keywords.describe_clusters(clusters, captions, cache=False, progress=False))
        peer += topics_named(plain_keybert(clusters, captions))
    count = len(seeds) * len(NOUNS)
    heading(f"the topic's noun in the first three words, {count} clusters", peer="KeyBERT", ratio="")
    row = [f"{named} ({named / count:.1%})" for named in (ours, peer)]
    kept = [report("describe_clusters", row[0], ">= 95%", ours >= 0.95 * count, peer=row[1])]
    kept.append(report("    no less often than plain KeyBERT", f"{ours - peer:+d}", ">= 0", ours >= peer))
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
