"""The toolkit from a terminal: ``python -m toolkit --help``."""

import sys

from toolkit.commands import main

if __name__ == "__main__":
    sys.exit(main())
