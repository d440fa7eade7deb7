"""`python -m edge.cli` is `gianh`."""

import sys

from edge.cli import main

sys.exit(main())
