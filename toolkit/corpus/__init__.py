"""Many videos at once: embedded in parallel, resumably, here or on a Dask cluster; their captions; what they are.

- `embedding`: `embed_videos`: a folder of videos to a folder of .npz files, each whole or absent
- `results`: `load_embeddings`, `embedded_videos`
- `files`: `find_videos`, `video_ids`
- `captions`: `load_captions`; `msrvtt`: `load_msrvtt`
- `shots`: `embed_shots`; `statistics`: `video_stats`
- `pools`, `worker`: processes, here and on a cluster

On a Dask cluster each worker should have one thread, and a nanny, to restart a worker that dies; videos and results
must be seen by all under the same paths::

    dask scheduler
    dask worker tcp://scheduler:8786 --nworkers 8 --nthreads 1     (on each machine)
    python -m toolkit embed FOLDER --out DIR --scheduler tcp://scheduler:8786
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
