"""What all tests share: one thread, third parties' small domains, the real data where it is."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: two threads on two busy cores cost tenfold
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# A run in the background of a shell inherits an ignored interrupt, and hands it on to what tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import gymnasium as gym
import pytest
from hypothesis import settings

import sml_gym  # noqa: F401  (registers the installed domains)

# Nothing is timed in a test, and a test's examples are the same each time.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

ROOT = Path(__file__).parent.parent
SPELLING = ROOT / "tests" / "data" / "spelling_domain"
SHORT_ANSWERS = ROOT / "tests" / "data" / "code_domain"

# for spelling_domain, for code_domain and text_domain, for chat_server
sys.path[:0] = [str(SPELLING), str(SHORT_ANSWERS), str(ROOT / "tests")]
sys.path.append(str(ROOT))  # for benchmarks


@pytest.fixture
def spelling_id():
    """The id of the third party's domain, registered for this test as its package would do it."""
    gym.register(
        "Spelling-v0",
        entry_point="spelling_domain:SpellingEnv",
        vector_entry_point="sml_gym.registration:Spelling-v0",
    )
    yield "Spelling-v0"
    del gym.registry["Spelling-v0"]


@pytest.fixture
def gsm8k() -> Path:
    """The folder with the real GSM8K files; skips where it is absent."""
    folder = Path(os.environ.get("SML_GYM_DATA", ROOT.parent / "shared" / "data")) / "gsm8k"
    if not (folder / "test.jsonl").exists():
        pytest.skip(f"the real GSM8K data is not at {folder}; set SML_GYM_DATA to its parent folder")
    return folder
