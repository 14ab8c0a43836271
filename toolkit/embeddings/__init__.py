"""A vector for each frame, so that similar frames are near each other; and for each sentence.

- `vectors`: `embed`, frames by one of three models or a function of your own, kept on disk
- `layout`: which colors and edges are where in the frame; needs no weights and tells camera set-ups apart
- `vgg16`: the convolutional part of VGG16, by keras
- `clip`: the vision encoder of CLIP, by transformers
- `results`: what models give, checked
- `sentences`: `embed_sentences`, by a sentence encoder whose weights are installed with the toolkit
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
