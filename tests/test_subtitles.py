import warnings
from fractions import Fraction

import av
import films
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import DataError, ParameterError, VideoError, samples
from toolkit.subtitles import find_subtitles, read_subtitles, spoken_between

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello.\n\n2\n00:00:03,000 --> 00:00:04,000\nWho is there?\nI am.\n"
ROWS = [(1.0, 2.5, "Hello."), (3.0, 4.0, "Who is there?\nI am.")]


def rows(table):
    return list(table.itertuples(index=False, name=None))


@pytest.fixture
def written(tmp_path):
    def write(content, name="film.srt", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def write_film_with_subtitles(path, texts, codec="subrip", *, language=None, start=0, streams=1, forced=()):
    """Write a film whose subtitles, `texts` of (start, end, text) in seconds, are in one or more streams."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt, video.thread_count = 96, 64, "yuv420p", 1
        tracks = []
        for number in range(streams):
            track = out.add_stream(codec)
            track.time_base = Fraction(1, 1000)
            track.codec_context.subtitle_header = ASS_HEADER
            if language is not None:
                track.metadata["language"] = language[number]
            if number in forced:
                track.disposition = av.stream.Disposition.forced
            tracks.append(track)
        for index in range(24 * 6):
            frame = av.VideoFrame.from_ndarray(films.number_picture(index), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index + 24 * start, Fraction(1, 24)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for number, track in enumerate(tracks):
            for first, last, text in texts:
                line = f"0,0,Default,,0,0,0,,{text}{number or ''}".encode()
                duration = round((last - first) * 1000)
                event = av.subtitles.subtitle.SubtitleSet.create(line, 0, duration, round(first * 1e6))
                packet = track.codec_context.encode_subtitle(event)
                packet.pts = packet.dts = round(first * 1000)
                packet.duration, packet.time_base, packet.stream = duration, Fraction(1, 1000), track
                out.mux(packet)
    return path


ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""

SAID = [(1.0, 2.5, "Hello."), (3.0, 4.25, "Wer ist da?")]


# files


def test_srt_is_read(written):
    table = read_subtitles(written(SRT))
    assert rows(table) == ROWS
    assert table[["start", "end"]].dtypes.tolist() == [np.float64, np.float64]


def test_the_sample_film_says_what_its_file_says():
    table = read_subtitles(samples.sample_film(0).subtitles)
    assert rows(table)[0] == (3.191, 5.319, "My father planted that oak tree.")
    assert (table["end"] > table["start"]).all()
    assert table["start"].is_monotonic_increasing


@pytest.mark.parametrize("end", ["\r\n", "\r", "\r\r\n", "\n"])
def test_line_ends_of_any_system(written, end):
    assert rows(read_subtitles(written(SRT.replace("\n", end)))) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_are_recognised(written, encoding):
    content = SRT.replace("Hello.", "Où êtes-vous, señor Müller? “Ici…”")
    assert rows(read_subtitles(written(content, encoding=encoding)))[0] == (
        1,
        2.5,
        "Où êtes-vous, señor Müller? “Ici…”",
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_recognised_though_text_is_not_latin(written, encoding):
    content = SRT.replace("Hello.", "你们从哪里来的呢我一直在这里等着你们") * 5
    assert rows(read_subtitles(written(content, encoding=encoding)))[0][2].startswith("你们从哪里")


def test_a_byte_order_mark_of_big_endian_utf16(written):
    assert rows(read_subtitles(written(b"\xfe\xff" + SRT.encode("utf-16-be")))) == ROWS


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Мой отец посадил этот дуб. Утки возвращаются на озеро в апреле, а суп опять убежал."),
        ("shift_jis", "父があの樫の木を植えました。四月になると鴨が湖に戻ってきます。スープがまた吹きこぼれた。"),
    ],
)
def test_other_alphabets_are_guessed(written, encoding, text):
    content = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{text}\n\n" for n in range(1, 12))
    assert set(read_subtitles(written(content, encoding=encoding))["text"]) == {text}


def test_an_encoding_can_be_named(written):
    path = written(SRT.replace("Hello.", "Zażółć gęślą jaźń."), encoding="cp1250")
    assert read_subtitles(path, encoding="cp1250")["text"][0] == "Zażółć gęślą jaźń."
    with pytest.raises(ParameterError, match=r'encoding must be one of text that Python knows.*got "?\'klingon\''):
        read_subtitles(path, encoding="klingon")
    for name in ("hex", "rot13", "base64", "bz2", "idna", "undefined"):
        with pytest.raises(ParameterError, match=f"encoding must be one of text.*got '{name}'"):
            read_subtitles(path, encoding=name)


def test_a_damaged_character_spoils_no_other(written):
    damaged = SRT.replace("Hello.", "é" * 40).encode() + b"\n\xff"
    with pytest.warns(UserWarning, match=r"has 1 characters that are not utf-8"):
        assert read_subtitles(written(damaged))["text"][0] == "é" * 40


def test_bytes_that_cp1252_lacks_are_kept(written):
    assert read_subtitles(written(SRT.encode() + b"\x81\xe9"))["text"][1].endswith("é")


@pytest.mark.parametrize(
    ("timing", "span"),
    [
        ("00:00:01,000 --> 00:00:02,500", (1, 2.5)),
        ("00:00:01.000 --> 00:00:02.500", (1, 2.5)),
        ("0:0:1,0 --> 0:0:2,5", (1, 2.5)),
        ("00:01 --> 00:02.500", (1, 2.5)),
        ("  00:00:01,000-->00:00:02,500  ", (1, 2.5)),
        ("00: 00: 01, 000 --> 00: 00: 02, 500", (1, 2.5)),
        ("00:00:01 -> 00:00:02,5", (1, 2.5)),
        ("123:00:01,000 --> 123:00:02,500", (442801, 442802.5)),
        ("00:00:01,000 --> 00:00:02,500 X1:100 X2:200 Y1:1 Y2:2", (1, 2.5)),
        ("00:00:01,000 --> 00:00:02,500 align:start position:10%", (1, 2.5)),
        ("-00:00:01,000 --> 00:00:02,500", (-1, 2.5)),
        ("00:00:01,123456 --> 00:00:02,500", (1.123456, 2.5)),
    ],
)
def test_timings_as_they_are_found(written, timing, span):
    assert rows(read_subtitles(written(f"1\n{timing}\nHello.\n"))) == [(*span, "Hello.")]


def test_lines_of_any_length_are_read(written):
    for filler in (" " * 300_000 + ">", "1" * 300_000, ": " * 100_000 + ">", "<i " * 100_000):
        assert read_subtitles(written(SRT + filler))["start"].tolist() == [1, 3]


def test_numbers_may_be_missing(written):
    assert rows(read_subtitles(written(SRT.replace("1\n00", "00").replace("2\n00", "00")))) == ROWS


def test_blank_lines_between_may_be_missing(written):
    assert rows(read_subtitles(written(SRT.replace("\n\n", "\n")))) == ROWS


def test_a_text_that_is_a_number_stays(written):
    content = "1\n00:00:01,000 --> 00:00:02,000\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\n7\n"
    assert read_subtitles(written(content))["text"].tolist() == ["1984", "7"]
    without = "00:00:01,000 --> 00:00:02,000\n1984\n\n00:00:03,000 --> 00:00:04,000\n7\n"
    assert read_subtitles(written(without))["text"].tolist() == ["1984", "7"]


def test_blank_lines_within_a_srt_text_end_nothing(written):
    content = "1\n00:00:01,000 --> 00:00:02,000\nfirst\n\nsecond\n\n2\n00:00:03,000 --> 00:00:04,000\nthird\n"
    assert read_subtitles(written(content))["text"].tolist() == ["first\nsecond", "third"]


def test_subtitles_may_overlap_and_come_in_any_order(written):
    content = "2\n00:00:02,000 --> 00:00:05,000\nlate\n\n1\n00:00:01,000 --> 00:00:03,000\nearly\n"
    assert rows(read_subtitles(written(content))) == [(1, 3, "early"), (2, 5, "late")]


def test_one_that_ends_before_it_starts_lasts_until_the_next(written):
    content = "1\n00:00:09,000 --> 00:00:01,000\na\n\n2\n00:00:09,000 --> 00:00:12,000\nb\n\n"
    content += "3\n00:00:11,000 --> 00:00:11,000\nc\n\n4\n00:00:40,000 --> 00:00:30,000\nd\n"
    with pytest.warns(UserWarning, match="3 subtitles of .*film.srt do not end after they start"):
        table = read_subtitles(written(content))
    assert rows(table) == [(9, 11, "a"), (9, 12, "b"), (11, 16, "c"), (40, 45, "d")]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<i>Hello.</i>", "Hello."),
        ("<I>Hel</I>lo.", "Hello."),
        ('<font color="#ff0000" face=Arial>Hello.</font>', "Hello."),
        (r"{\an8}Hello.", "Hello."),
        (r"{\pos(10,20)\i1}Hello.{\i0}", "Hello."),
        ("{y:i}Hello.", "Hello."),
        ("Hel<br/>lo.", "Hel\nlo."),
        (r"Hel\Nlo.", "Hel\nlo."),
        (r"Hel\hlo.", "Hel lo."),
        ("  Hel   lo. \t", "Hel lo."),
        ("\u200e\ufeffHello.\u202c", "Hello."),
        ("Tom &amp; Jerry &lt;3&nbsp;!", "Tom & Jerry <3 !"),
        ("a < b and b > c, I <3 you", "a < b and b > c, I <3 you"),
        ("♪ la la ♪ [DOOR SLAMS]", "♪ la la ♪ [DOOR SLAMS]"),
        ("{not a tag} & so", "{not a tag} & so"),
        (r"C:\new", r"C:\new"),
    ],
)
def test_text_is_cleaned(written, raw, clean):
    assert read_subtitles(written(f"1\n00:00:01,000 --> 00:00:02,000\n{raw}\n"))["text"].tolist() == [clean]


def test_what_holds_no_text_is_left_out(written):
    table = read_subtitles(written("1\n00:00:01,000 --> 00:00:02,000\n<i></i> \n"))
    assert len(table) == 0
    assert table.columns.tolist() == ["start", "end", "text"]


VTT = """WEBVTT - a film

NOTE
this is no text
at all

STYLE
::cue { color: lime }

intro
00:01.000 --> 00:02.500 align:start line:0%
<v Mary>Hello.</v>

01:00:03.000 --> 01:00:04.000
<c.loud>Who</c> is <00:00:03.500>there?

NOTE the end
"""


@pytest.mark.parametrize("name", ["film.vtt", "film.srt", "film.txt", "film"])
def test_vtt_is_read_whatever_its_name(written, name):
    assert rows(read_subtitles(written(VTT, name))) == [(1, 2.5, "Hello."), (3603, 3604, "Who is there?")]


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**7),
            st.integers(1, 10**5),
            st.text("abcdefgh äößéИ漢.,!?'", min_size=1, max_size=20).filter(str.strip),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_read(tmp_path_factory, cues, encoding):
    def clock(ms):
        return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"

    path = tmp_path_factory.getbasetemp() / "any.srt"
    blocks = [f"{n}\n{clock(a)} --> {clock(a + d)}\n{text}\n\n" for n, (a, d, text) in enumerate(cues, 1)]
    path.write_bytes("".join(blocks).encode(encoding))
    expected = sorted(((a / 1000, (a + d) / 1000, " ".join(text.split())) for a, d, text in cues), key=lambda c: c[0])
    assert rows(read_subtitles(path)) == expected


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "noise.srt"
    path.write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n" + data)
    with warnings.catch_warnings():
        # of characters that no encoding has
        warnings.simplefilter("ignore")
        try:
            table = read_subtitles(path)
        except DataError:
            return
    assert (table["end"] > table["start"]).all()


# films


@pytest.mark.parametrize(
    ("codec", "name"), [("subrip", "f.mkv"), ("ass", "f.mkv"), ("mov_text", "f.mp4"), ("webvtt", "f.webm.mkv")]
)
def test_subtitles_within_a_film_are_read(tmp_path, codec, name):
    path = write_film_with_subtitles(tmp_path / name, SAID, codec)
    assert rows(read_subtitles(path)) == SAID


def test_the_containers_start_is_not_subtracted(tmp_path):
    late = [(start + 10, end + 10, text) for start, end, text in SAID]
    path = write_film_with_subtitles(tmp_path / "late.mkv", late, start=10)
    assert rows(read_subtitles(path)) == late


def test_marks_of_substation_are_cleaned(tmp_path):
    texts = [(1.0, 2.0, r"{\an8\i1}Hello,{\i0}\Nyou."), (3.0, 4.0, r"{\p1}m 0 0 l 100 0{\p0}")]
    path = write_film_with_subtitles(tmp_path / "film.mkv", texts, "ass")
    assert rows(read_subtitles(path)) == [(1, 2, "Hello,\nyou.")]


def test_a_stream_is_chosen_by_language(tmp_path):
    path = write_film_with_subtitles(tmp_path / "film.mkv", SAID, language=["eng", "ger"], streams=2)
    assert read_subtitles(path)["text"][0] == "Hello."
    assert read_subtitles(path, language="GER")["text"][0] == "Hello.1"
    with pytest.raises(ParameterError, match=r"language must be one of those of .*film.mkv: 'eng', 'ger'; got 'fre'"):
        read_subtitles(path, language="fre")


def test_forced_streams_come_last(tmp_path):
    path = write_film_with_subtitles(tmp_path / "film.mkv", SAID, streams=2, forced=[0])
    assert read_subtitles(path)["text"][0] == "Hello.1"


def test_a_substation_file_is_read(written):
    event = b"Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello, {\\b1}you\xe9.\n"
    assert rows(read_subtitles(written(ASS_HEADER + event, "film.ass"))) == [(1, 2.5, "Hello, youé.")]


# what is refused


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_without_subtitles_is_refused(tmp_path, name):
    films.write_film(tmp_path / name, 5)
    with pytest.raises(
        VideoError, match=r"holds no subtitles: there is no subtitle stream.*\.srt or \.vtt file beside"
    ):
        read_subtitles(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "name", "error", "message"),
    [
        ("Once upon a time.", "film.srt", DataError, r"holds no subtitle: no line like 00:01:02,500 -->"),
        ("", "film.srt", DataError, r"is empty"),
        (b"\0\0\n", "film.vtt", DataError, r"is empty"),
        ("WEBVTT\n\nNOTE nothing\n", "film.vtt", DataError, r"holds no subtitle"),
        ("Once upon a time.", "film.mkv", VideoError, r"cannot be read as a film"),
        ("", "film.mkv", VideoError, r"is empty"),
    ],
)
def test_what_holds_no_subtitles_is_refused(written, content, name, error, message):
    with pytest.raises(error, match=message):
        read_subtitles(written(content, name))


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"none.srt does not exist"):
        read_subtitles(tmp_path / "none.srt")
    with pytest.raises(VideoError, match=r"none.mkv does not exist"):
        read_subtitles(tmp_path / "none.mkv")
    with pytest.raises(VideoError, match=r"is a folder"):
        read_subtitles(tmp_path)
    (tmp_path / "folder.srt").mkdir()
    with pytest.raises(DataError, match=r"folder.srt cannot be read"):
        read_subtitles(tmp_path / "folder.srt")
    with pytest.raises(DataError, match=r"named by the path of their file or film; got None"):
        read_subtitles(None)


def test_a_file_has_no_languages(written):
    with pytest.raises(ParameterError, match=r"language chooses among a film's streams"):
        read_subtitles(written(SRT), language="eng")
    with pytest.raises(ParameterError, match=r"language must be a word"):
        read_subtitles(written(SRT), language=1)


# where a film's subtitles are


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        (["film.srt"], "film.srt"),
        (["FILM.SRT"], "FILM.SRT"),
        (["film.vtt"], "film.vtt"),
        (["film.vtt", "film.srt", "film.en.srt"], "film.srt"),
        (["film.en.forced.srt", "film.en.vtt", "film.de.srt"], "film.de.srt"),
        (["film.pt-BR.srt", "film.forced.srt"], "film.pt-BR.srt"),
        (["film.mp4.srt"], "film.mp4.srt"),
        (["film 2.srt", "film.2.srt", "film2.srt", "another.srt", "film.txt", "film.srt.bak", "fil.srt"], None),
        # those of another film
        (["film.uncut.mkv", "film.uncut.srt"], None),
        (["film.uncut.mkv", "film.uncut.srt", "film.de.srt"], "film.de.srt"),
    ],
)
def test_subtitles_beside_a_film_are_found_by_its_name(tmp_path, beside, found):
    films.write_film(tmp_path / "film.mp4", 3)
    for name in beside:
        (tmp_path / name).write_text(SRT)
    (tmp_path / "film.xx.srt").mkdir()
    assert find_subtitles(tmp_path / "film.mp4") == (None if found is None else tmp_path / found)


def test_subtitles_within_a_film_are_found_where_none_lie_beside_it(tmp_path):
    path = write_film_with_subtitles(tmp_path / "film.mkv", SAID)
    assert find_subtitles(str(path)) == path
    (tmp_path / "film.srt").write_text(SRT)
    assert find_subtitles(path) == tmp_path / "film.srt"


@pytest.mark.parametrize(
    "content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf\n", b"\0" * 300_000, "\ufeff \n".encode("utf-16-le")]
)
def test_a_file_of_nothing_beside_a_film_is_passed_over(tmp_path, content):
    film = films.write_film(tmp_path / "film.mp4", 3)
    (tmp_path / "film.srt").write_bytes(content)
    assert find_subtitles(film) is None
    (tmp_path / "film.de.srt").write_text(SRT)
    assert find_subtitles(film) == tmp_path / "film.de.srt"
    with pytest.raises(DataError, match=r"film.srt is empty"):
        read_subtitles(tmp_path / "film.srt")


def test_a_file_beside_a_film_that_is_broken_is_not_passed_over(tmp_path):
    films.write_film(tmp_path / "film.mp4", 3)
    (tmp_path / "film.srt").write_text(f"{' ' * 100_000}once upon a time")
    assert find_subtitles(tmp_path / "film.mp4") == tmp_path / "film.srt"


def test_a_file_of_nothing_does_not_hide_the_subtitles_within_a_film(tmp_path):
    path = write_film_with_subtitles(tmp_path / "film.mkv", SAID)
    (tmp_path / "film.srt").touch()
    assert find_subtitles(path) == path


def test_the_sample_film_has_its_subtitles_beside_it():
    film = samples.sample_film(0)
    assert find_subtitles(film.path) == film.subtitles


def test_a_film_that_cannot_be_read_has_no_subtitles_to_find(tmp_path):
    with pytest.raises(VideoError, match=r"none.mkv does not exist"):
        find_subtitles(tmp_path / "none.mkv")
    (tmp_path / "film.mkv").write_text("Once upon a time.")
    with pytest.raises(VideoError, match=r"cannot be read as a film"):
        find_subtitles(tmp_path / "film.mkv")
    with pytest.raises(VideoError, match=r"named by the path"):
        find_subtitles(None)


# what is said in a span


def test_spoken_between_takes_what_is_on_screen(written):
    table = read_subtitles(written(SRT))
    assert spoken_between(table, 2.5, 3.0).empty
    assert spoken_between(table, 2.4, 3.0)["text"].tolist() == ["Hello."]
    assert spoken_between(table, 0, 9)["text"].tolist() == [text for *_, text in ROWS]


def test_spoken_between_refuses_what_is_no_span(written):
    table = read_subtitles(written(SRT))
    with pytest.raises(ParameterError, match=r"end must not be before start; got start=3, end=2"):
        spoken_between(table, 3, 2)
    with pytest.raises(ParameterError, match=r"end must not be before start"):
        spoken_between(table, np.nan, 2)
    with pytest.raises(ParameterError, match=r"start and end must be seconds; got 'a'"):
        spoken_between(table, "a", 2)
    for wrong in (pd.DataFrame({"text": []}), "film.srt"):
        with pytest.raises(ParameterError, match=r"subtitles must be a table with start, end and text"):
            spoken_between(wrong, 0, 1)
    for wrong, column in (("start", ["soon", "late"]), ("end", [1.5, None]), ("end", pd.to_datetime([1, 2]))):
        with pytest.raises(ParameterError, match=r"subtitles must be a table with the columns start and end.*; got "):
            spoken_between(table.assign(**{wrong: column}), 0, 1)
    with pytest.raises(ParameterError, match=r"subtitles must be a table with the columns start and end.*; got shape"):
        spoken_between(pd.concat([table, table[["end"]]], axis=1), 0, 1)


def test_spoken_between_takes_numbers_of_any_kind(written):
    table = read_subtitles(written(SRT))
    for kind in (np.float32, "Float64", object, str):
        kept = spoken_between(table.astype({"start": kind, "end": kind}), 2.2, 3.0)
        assert kept["text"].tolist() == ["Hello."]
    assert spoken_between(pd.DataFrame({"start": [], "end": [], "text": []}, dtype=object), 0, 1).empty
