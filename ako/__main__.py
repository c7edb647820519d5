"""`python -m ako` is `ako`."""

import sys

from ako.cli.main import main

sys.exit(main())
