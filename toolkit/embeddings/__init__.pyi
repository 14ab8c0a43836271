from .sentences import embed_sentences
from .vectors import embed

__all__ = ["embed", "embed_sentences"]
