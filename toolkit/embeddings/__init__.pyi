from .sentences import embed_sentences as embed_sentences
from .vectors import embed as embed
