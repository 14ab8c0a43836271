"""One vector a shot: on small films whose shots are of one colour each."""

import numpy as np
import pandas as pd
import pytest
from films import write_film

from toolkit import ParameterError, VideoError
from toolkit.corpus import embed_shots

FPS = 24
COLORS = (40, 90, 140)
LENGTHS = (24, 3, 45)


def brightness(images):
    """Embed frames as their mean level, and how many levels there are."""
    return np.stack([images.mean(axis=(1, 2, 3)), np.ptp(images.reshape(len(images), -1), axis=1)], axis=1)


@pytest.fixture
def film(tmp_path):
    pictures = [
        np.full((64, 96, 3), color, np.uint8) for color, n in zip(COLORS, LENGTHS, strict=True) for _ in range(n)
    ]
    return write_film(tmp_path / "film.mp4", pictures=pictures)


@pytest.fixture
def table():
    ends = np.cumsum(LENGTHS) / FPS
    return pd.DataFrame({"start": [0, *ends[:-1]], "end": ends})


def test_a_shot_has_the_mean_of_its_frames_however_short(film, table):
    vectors = embed_shots(film, table, model=brightness, progress=False)
    assert vectors.index.tolist() == ["shot 0", "shot 1", "shot 2"]
    assert vectors.index.name == "video_id"
    assert vectors.to_numpy().dtype == np.float32
    np.testing.assert_allclose(vectors[0], COLORS, atol=3)


def test_every_nth_frame_is_embedded(film, table):
    seen = []

    def count(images):
        seen.append(len(images))
        return np.ones((len(images), 1))

    embed_shots(film, table, model=count, every=12, progress=False)
    # of 24 and of 45 frames, in the middle of each twelve; of 3 the middle
    assert sum(seen) == 2 + 1 + 4
    seen.clear()
    embed_shots(film, table.to_numpy(), model=count, every=1, progress=False)
    assert sum(seen) == sum(LENGTHS)


def test_shots_of_another_film_are_refused(film, table):
    longer = pd.concat([table, pd.DataFrame({"start": [50.0], "end": [60.0]})], ignore_index=True)
    with pytest.raises(ParameterError, match="times"):
        embed_shots(film, longer, model=brightness, progress=False)


def test_what_has_no_shots_is_refused(film, table, tmp_path):
    with pytest.raises(ParameterError, match="at least one shot; got none"):
        embed_shots(film, table[:0], progress=False)
    with pytest.raises(ParameterError, match="every must be a whole number of at least 1"):
        embed_shots(film, table, every=0, progress=False)
    with pytest.raises(ParameterError, match="options must be of pooling, .* got colour"):
        embed_shots(film, table, progress=False, colour=1)
    with pytest.raises(VideoError):
        embed_shots(tmp_path / "none.mp4", table, progress=False)
