"""Films: what a file holds, its frames at given instants, and the borders of the picture.

- `frames`: `probe`, `read_frames`, `iter_frames`: frames by time, each once, on the film's own clock
- `folders`: `extract_frames`, `load_frames`: frames as image files, resumably
- `regions`: `find_bars`, `crop`, `mask_region`: black bars, captions and logos
- `proxies`: `proxy`: a small copy of a long film, made once and read in its place
- `decoding`: FFmpeg's libraries through PyAV: an open film, its clock, seeking, and no more decoded than necessary
- `containers`: files opened, their streams chosen, their packets read
- `scaling`: decoded frames as images: RGB, upright, of a size, deinterlaced
- `batches`: `image_batches`, `of_one_size`, `in_batches`, `evenly`: arrays, Frames or iterators of them, read alike
- `bars`: the compiled search for black bars

`Frames` and `VideoInfo` are records that several packages share; see `toolkit.records`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
