"""The frame in the middle of each shot of the real clips, labelled by eye, before any detector was run on it.

A medium close-up shows a person, or a character with a person's face, from the head to the chest, and fills the frame
with that. `sure` is 0 where writers on film could differ: the woman whose frame ends at the elbows, between chest and
waist; the writer whose frame ends at the waist, but who leans forward, so that his face is as large as hers. Frames are
numbered from 0 in order of presentation.
"""

import csv
import io

TABLE = """film,frame,close_up,sure,seen
nosferatu.mp4,35,0,1,a letter
nosferatu.mp4,155,0,0,medium shot: a man at a table to the waist
nosferatu.mp4,368,0,1,a letter
nosferatu.mp4,524,0,0,medium shot: a man writes at a table; face bowed
nosferatu.mp4,617,0,1,a forest
nosferatu.mp4,735,0,1,long shot: a man in a gate
nosferatu.mp4,820,0,1,long shot: a rider
nosferatu.mp4,907,0,1,long shot: a man in a gate
nosferatu.mp4,989,0,1,long shot: a rider
nosferatu.mp4,1104,0,1,long shot: a man runs away from us
sintel_clip.mp4,38,0,1,medium long shot: a woman from behind
sintel_clip.mp4,98,1,1,a woman to the chest; her head aslant
sintel_clip.mp4,220,0,1,a dragon above ruins
sintel_clip.mp4,388,0,1,medium long shot: a woman bent down
sintel_clip.mp4,501,0,1,long shot: a woman from behind
sintel_clip.mp4,578,1,0,a woman to the elbows; hands before her chest
sintel_clip.mp4,631,0,1,birds in the sky
big_buck_bunny_0_30.webm,141,0,1,a meadow
big_buck_bunny_0_30.webm,329,0,1,a brook
big_buck_bunny_0_30.webm,463,0,1,a whole bird on a branch
big_buck_bunny_0_30.webm,635,0,1,the title above a burrow
"""


def rows():
    """Return the table as a list of (film, frame, close_up, sure, seen): str, int, bool, bool, str."""
    return [
        (row["film"], int(row["frame"]), row["close_up"] == "1", row["sure"] == "1", row["seen"])
        for row in csv.DictReader(io.StringIO(TABLE))
    ]
