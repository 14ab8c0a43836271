"""What is said in subtitles, and in which span of a film."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ParameterError
from toolkit.keywords import clean_subtitle
from toolkit.keywords.speech import lines_in_spans

MARKUP = [
    ("<i>Who is it?</i>", "Who is it?"),
    ("<font color='red'>Stop!</font>", "Stop!"),
    ("<FONT COLOR=#ff0000><b>Stop</b></FONT>!", "Stop!"),
    ("<v Mary>Where?", "Where?"),
    (r"{\an8}{\pos(192,50)}Upstairs", "Upstairs"),
    (r"{\i1}Never{\i0} again", "Never again"),
    ("{y:i}Hi there", "Hi there"),
    ("{note by the translator}Good", "Good"),
    (r"Two\Nlines", "Two lines"),
    ("Two<br/>lines", "Two lines"),
    ("&lt;i&gt;Fine&lt;/i&gt; &amp; well", "Fine & well"),
    ("5 < 6 and a>b", "5 < 6 and a>b"),
    ("Go to www.example.org now", "Go to now"),
    ("Downloaded from OpenSubtitles.org", "Downloaded from"),
]
MUSIC = [
    ("♪ Happy birthday to you ♪", "Happy birthday to you"),
    ("♫♫", ""),
    ("[♪♪♪]", ""),
    ("♪ (humming) ♪", ""),
    ("🎵 La la 🎶", "La la"),
    ("# Happy birthday #", "Happy birthday"),
    ("#Happy birthday#", "Happy birthday"),
    ("We're #1", "We're #1"),
    ("#1 is gone", "#1 is gone"),
    ("C# and F#", "C# and F#"),
]
SOUNDS = [
    ("(door slams) What was that?", "What was that?"),
    ("[door\nslams]\nRun!", "Run!"),
    ("((sighs)) Yes", "Yes"),
    ("[(sighs)] Yes", "Yes"),
    ("- (SIGHS) Fine.\n- [man] What?", "Fine.\nWhat?"),
    ("What? (laughs", "What?"),
    ("loudly] Run!", "Run!"),
    ("(GUNSHOT)", ""),
    ("はい（笑）", "はい"),
    ("【电话铃声】喂", "喂"),
    ("call (555) 123-4567", "call (555) 123-4567"),
    ("the child(ren) play", "the child(ren) play"),
    ("1) go 2) stay", "1) go 2) stay"),
    ("Smile :) now", "Smile :) now"),
]
NAMES = [
    ("JOHN: Hello there.", "Hello there."),
    ("JOHN:Hello there.", "Hello there."),
    ("- Mary: Where are you?\n- Over here!", "Where are you?\nOver here!"),
    ("MARY: Where?\nJOHN: Here.", "Where?\nHere."),
    ("[Anna] It is late.", "It is late."),
    ("[Anna]: It is late.", "It is late."),
    ("(Anna): It is late.", "It is late."),
    ("Mr. Smith: Good evening.", "Good evening."),
    ("MR. BROWN: Sit.", "Sit."),
    ("Stop! MR. BROWN: No!", "Stop!\nNo!"),
    ("I asked Mr. BROWN: he knows.", "I asked Mr. BROWN: he knows."),
    ("Dr. Van Helsing: It is late.", "It is late."),
    ("J. R. Ewing: Hi.", "Hi."),
    ("O'Brien: Sure.", "Sure."),
    ("Mary-Jane: Sure.", "Sure."),
    ("Old Man: Come in.", "Come in."),
    ("Woman on TV: News at ten.", "News at ten."),
    ("Anna & Tom: Surprise!", "Surprise!"),
    ("ANNA AND TOM: Surprise!", "Surprise!"),
    ("JOHN (on phone): Hi.", "Hi."),
    ("MAN #2: Get out!", "Get out!"),
    ("Guard 1: Halt!", "Halt!"),
    ("NARRATOR:\nLong ago", "Long ago"),
    (">> REPORTER: Tonight", "Tonight"),
    ("<i>MARY:</i> Yes", "Yes"),
]
NO_NAMES = [
    ("The train leaves at 10:30.", "The train leaves at 10:30."),
    ("10:30 is too late", "10:30 is too late"),
    ("At 10: 30 we go", "At 10: 30 we go"),
    ("John 3:16 says so.", "John 3:16 says so."),
    ("Two to one, 2:1", "Two to one, 2:1"),
    ("Remember: never look back.", "Remember: never look back."),
    ("He said: go away.", "He said: go away."),
    ("The truth: I lied.", "The truth: I lied."),
    ("I have one rule: no dogs.", "I have one rule: no dogs."),
    ("I saw it. It was red: blood.", "I saw it. It was red: blood."),
]
DASHES = [
    ("- Yes.\n- No.", "Yes.\nNo."),
    ("–Yes.\n—No.", "Yes.\nNo."),
    ("- Yes. - No.", "Yes.\nNo."),
    ("I went\nhome", "I went home"),
    ("--and then we left", "and then we left"),
    ("-5 degrees", "-5 degrees"),
    ("a well-known man", "a well-known man"),
    ("a well-\nknown man", "a well-known man"),
    ("He - my brother - left", "He - my brother - left"),
]
LANGUAGES = [
    ("María: ¿Dónde estás?", "¿Dónde estás?"),
    ("ÉLODIE : Bonjour à tous", "Bonjour à tous"),
    ("L'inspecteur : Silence !", "Silence !"),
    ("Müller: Nein!", "Nein!"),
    ("Frau Dr. Weiß: Bitte!", "Bitte!"),
    ("Conte di Monte: Sì.", "Sì."),
    ("Łukasz: Cześć.", "Cześć."),
    ("Иван: Привет, мама", "Привет, мама"),
    ("ИВАН: Привет", "Привет"),
    ("Ελένη: Καλημέρα", "Καλημέρα"),
    ("玛丽：你好吗", "你好吗"),
    ("太郎：はい", "はい"),
    ("مريم: مرحبا بكم", "مرحبا بكم"),
    ("דוד: שלום", "שלום"),
    ("मैरी: नमस्ते", "नमस्ते"),
]
NOTHING = [("\ud83d Yes", "? Yes"), ("", ""), (" \n ", ""), ("...", ""), ("-", ""), ("- ♪\n- (laughs)", "")]


@pytest.mark.parametrize(
    ("text", "said"), MARKUP + MUSIC + SOUNDS + NAMES + NO_NAMES + DASHES + LANGUAGES + NOTHING, ids=repr
)
def test_what_is_said(text, said):
    assert clean_subtitle(text) == said


@pytest.mark.parametrize(
    ("text", "said"), MARKUP + MUSIC + SOUNDS + NAMES + NO_NAMES + DASHES + LANGUAGES + NOTHING, ids=repr
)
def test_what_is_clean_stays(text, said):
    for line in said.split("\n"):
        assert clean_subtitle(line) == line


@given(st.text(alphabet="aB :.-\n([)]<>{}♪#é：1"))
def test_any_text_is_cleaned_to_lines_with_words(text):
    for line in clean_subtitle(text).split("\n"):
        assert line == " ".join(line.split())
        assert not line or any(character.isalnum() for character in line)
        assert "♪" not in line


@pytest.mark.parametrize("text", ["(" * 3000, "[a" * 3000, "A. " * 3000, "A :" * 3000, "-\n" * 3000, "# a" * 3000])
def test_long_lines_of_signs_do_not_hang(text):
    assert len(clean_subtitle(text)) <= len(text)


@pytest.mark.parametrize("text", ["a." * 20_000, "a-" * 20_000])
def test_long_lines_of_what_might_be_links_take_no_longer(text):
    start = time.perf_counter()
    clean_subtitle(text)
    # sought from each place to the end they took half a minute
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("text", [None, 3, ["Hello"], float("nan")])
def test_a_subtitle_is_a_text(text):
    with pytest.raises(ParameterError, match="text must be that of a subtitle; got"):
        clean_subtitle(text)


def test_a_span_has_the_subtitles_whose_middle_it_holds():
    starts, ends = np.array([4.0, 0.0, 2.0]), np.array([6.0, 2.0, 4.0])
    spans = np.array([0.0, 1.0, 3.0, 9.0]), np.array([1.0, 3.0, 5.1, 9.0])
    # middles 5, 1 and 3; a span begins with its start and ends before its end
    assert lines_in_spans(starts, ends, ["third", "first", "- second\n- and more"], *spans) == [
        [],
        ["first"],
        ["second", "and more", "third"],
        [],
    ]
