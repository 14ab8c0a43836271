"""Projections: frames as points of the plane, from their vectors or from the distances between them.

- `methods`: `project` by MDS, t-SNE, UMAP or PCA; `scale_to_box`
- `trust`: `trustworthiness`, `neighbor_preservation`: how far to trust a projection
- `frame_map`: `write_frame_map`, `read_frame_map`: projections as JSON, and as a page to pan and zoom
- `inputs`: checks of data and options
- `axes`: classical scaling and principal axes
- `neighbors`: exact nearest neighbors
- `smacof`, `tsne`: compiled loops of MDS and of exact t-SNE
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
