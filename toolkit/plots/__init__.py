"""Figures: each function draws on an Axes and returns it; none shows, saves, or sets a style.

- `frames`: `plot_frames`, `plot_box`; `distances`: `plot_distances`, `plot_curve`
- `maps`: `plot_map`, `scatter_map`; `tree`: `plot_dendrogram`, `plot_threshold_sensitivity`
- `colors`: `plot_fingerprint_poster`, `plot_color_strip`, `plot_color_wave`, `plot_color_ring`, `plot_color_plane`
- `clusters`: `plot_barcode`, `plot_cluster_strips`
- `shots`: `plot_cuts`, `plot_pace`, `plot_face_scale`, `plot_dialogues`
- `scenes`: `plot_scenes`, `plot_boundaries`
- `videos`: `plot_video_grid`, `plot_cluster_examples`
- `corpus`: `plot_cluster_map`, `plot_cluster_sizes`, `plot_silhouettes`, `plot_choose_k`, `plot_video_stats`
- shared by these: `axes` (`clock`), `lettering`, `labels`, `style`, `bars`

Times are seconds. Where no `ax` is given, a new figure is made, of a size that suits what is drawn.
"""

import lazy_loader

# its modules import each other in circles, which breaks where threads begin with different ones: one begins here
import matplotlib.axes  # noqa: F401

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
