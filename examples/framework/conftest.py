"""The tests need `acme`: yours is installed (`pip install -e .`), this checkout's is not."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
