"""``python -m cleantext``: the command line where its script is not on the path."""

import sys

from cleantext.cli import main

sys.exit(main())
