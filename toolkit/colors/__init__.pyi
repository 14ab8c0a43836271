from .dominant import dominant_colors as dominant_colors
from .dominant import fingerprint as fingerprint
from .files import read_fingerprint as read_fingerprint
from .files import to_hex as to_hex
from .files import write_fingerprint as write_fingerprint
from .spaces import from_space as from_space
from .spaces import to_space as to_space
