"""``python -m pytest_llvmgate`` is ``llvmgate``."""

import sys

from pytest_llvmgate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
