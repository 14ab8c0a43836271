"""Containers: files of films opened, their streams chosen, and their packets read."""

import warnings
from pathlib import Path

import av
from av.stream import Discard

from toolkit.errors import VideoError

# demuxers that read text or other files as if they were pictures
NOT_FILMS = {"tty", "concat", "hls", "dash", "lavfi", "data", "bin", "xbin", "adf", "idf"}


def check_film_path(path):
    """Return `path` as a Path if a file that can be read is there; otherwise raise a VideoError that says what is."""
    try:
        path = Path(path)
        if not path.exists():
            problem = "does not exist; expected the path of a film file"
        elif path.is_dir():
            problem = "is a folder; expected a film file (a folder of frames is read with video.load_frames)"
        elif not path.is_file():
            problem = "is not a regular file; expected a film file"
        else:
            with open(path, "rb") as file:
                problem = None if file.read(1) else "is empty (0 bytes); was it copied or downloaded to its end?"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (TypeError, ValueError) as error:
        raise VideoError(f"a film is named by the path of its file; got {path!r} ({error})") from error
    if problem:
        raise VideoError(f"{path} {problem}")
    return path


def open_container(path):
    """Return the open container of a file that `check_film_path` let through."""
    try:
        # the prefix keeps a colon in a name from being taken for a protocol; nothing but files is opened
        return av.open(f"file:{path}", options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(
            f"{path} cannot be read as a film ({reason}); expected a video file, such as .mp4 or .mkv, copied whole"
        ) from error


def picture_stream(path, container):
    """Return the picture stream of an open container, its other streams left unread."""
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if container.format.name in NOT_FILMS or (not streams and not container.streams.audio):
        raise VideoError(
            f"{path} is not a film: it holds no pictures; expected a video file such as .mp4, .mkv or .webm"
        )
    if not streams:
        raise VideoError(f"{path} holds sound but no pictures; expected a film with a picture stream")
    best = container.streams.best("video")
    stream = best if best in streams else streams[0]
    if stream.codec_context is None:
        raise VideoError(f"{path} has pictures in a coding that this installation cannot decode")
    if not (stream.codec_context.width and stream.codec_context.height):
        raise VideoError(f"{path} breaks off before its first picture: their size is not known")
    leave_unread(container, stream)
    stream.thread_type = "AUTO"
    return stream


def leave_unread(container, stream):
    """Have a container read no stream but one."""
    for other in container.streams:
        if other is not stream and other.type in ("audio", "video", "subtitle"):
            other.discard = Discard.all


def decode_packets(container, stream, decode, subject, loss):
    """Yield what `decode` finds in each packet of a stream; warn if the `subject` is damaged, and of the `loss`."""
    damaged = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            yield from decode(packet)
        except EOFError:
            break
        except av.error.FFmpegError:
            damaged += 1
    if damaged:
        warnings.warn(f"{subject} is damaged in {damaged} places; {loss}", stacklevel=4)


def scan_packets(path, step, *, whole, stream_end=None):
    """Read packets without decoding; return the first timestamp, the end of the last picture, and their number.

    With `whole=False` only the film's tail is read, and the number is 0. A film that breaks off ends where its header
    says: the header then knows better than the packets. None where there is no packet.
    """
    first = last = end = reach = None
    count = 0
    with open_container(path) as container:
        index = picture_stream(path, container).index
        for stream in container.streams:
            stream.discard = Discard.default
        time_base = container.streams[index].time_base
        try:
            if not whole:
                tail = container.duration
                if stream_end is not None:
                    tail = min(tail, int(stream_end * time_base * 1_000_000))
                container.seek(max(0, tail - 3_000_000))
            for packet in container.demux():
                stamp = packet.pts if packet.pts is not None else packet.dts
                if packet.size and stamp is not None:
                    after = float((stamp + (packet.duration or 0)) * packet.time_base)
                    reach = after if reach is None else max(reach, after)
                if packet.stream_index != index or not packet.size or packet.is_discard:
                    continue
                if not count and not whole and not packet.is_keyframe:
                    return None  # pictures that are shown last may lie before this one
                stamp = count * step if stamp is None else stamp
                count += 1
                first = stamp if first is None else min(first, stamp)
                if last is None or stamp > last:
                    last, end = stamp, stamp + (packet.duration or step)
        except (av.error.FFmpegError, EOFError):
            pass  # what breaks off is reported when its pictures are asked for
        length = (container.duration or 0) / 1e6
    if end is None:
        return None
    if reach is not None and length - reach > 0.25:
        end = max(end, int(length / time_base))
    return first, end, count if whole else 0
