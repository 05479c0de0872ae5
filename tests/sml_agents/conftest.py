"""Makes the helpers of this folder (`tiny_models`, `toy_env`) importable."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
