"""The tests import `acme`, which this checkout does not install (elsewhere: `pip install -e .`)."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
