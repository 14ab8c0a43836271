"""The toolkit from a terminal: ``python -m toolkit --help``.

- `terminal`: `main`, the parser
- `frames`, `fingerprint`, `embed`, `notebooks`: one subcommand each
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
