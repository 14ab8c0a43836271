"""What pictures share: their width, and how time is written on them."""

WIDTH = 11.0
TIME = "minutes and seconds"


def clock(seconds) -> str:
    """Return seconds as they are written under a frame: 7.5 s is 0:07.50, an hour 1:00:00.00."""
    hundredths = round(float(seconds) * 100)
    minutes, hundredths = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{hundredths // 100:02d}.{hundredths % 100:02d}"


def minutes(seconds, _position):
    """Return the label of a tick on a time axis."""
    return clock(seconds).removesuffix(".00")
