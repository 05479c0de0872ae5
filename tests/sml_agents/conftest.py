"""Makes the helpers of this folder (`tiny_models`, `toy_env`) importable, and keeps its tests apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def own_precision() -> Iterator[None]:
    """What configurations of `accelerate` and TRL set for the whole process is gone for the next test."""
    yield
    from sml_agents.online import forget_precision

    forget_precision()
