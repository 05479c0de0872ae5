"""Data sets of the Hugging Face hub, by name, and an error at once where the hub cannot be reached."""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from sml_gym.errors import ConfigError

CONNECT_SECONDS = 4.0
"""How long to wait for the hub to take a connection. `datasets` itself tries for half a minute."""

OFFLINE = "Get its files where there is a network, and give them: path=FILE (JSONL, CSV or Parquet)"


def load_hub(
    name: str,
    *,
    config: str | None = None,
    split: str | None = None,
    streaming: bool = False,
    data_files: str | None = None,
) -> Any:
    """What `datasets.load_dataset` gives for a name: a data set, or a mapping of splits to data sets.

    With `HF_HUB_OFFLINE=1` only what was loaded before is found, and the hub is not asked.

    Raises:
        ConfigError: `datasets` is missing, the hub cannot be reached, or has no such data set.
    """
    try:
        import datasets
    except ImportError as exc:
        raise ConfigError(
            f"Loading the data set {name!r} needs the package datasets ({exc}). "
            f"Run: pip install 'sml-gym[datasets]'. Or get its files and give them: path=FILE"
        ) from exc
    offline = datasets.config.HF_HUB_OFFLINE
    if not offline:
        _expect_reachable(name)
    try:
        if data_files is not None:
            return datasets.load_dataset(
                "json", data_files=f"hf://datasets/{name}/{data_files}", split=split, streaming=streaming
            )
        return datasets.load_dataset(name, config, split=split, streaming=streaming)
    except Exception as exc:  # many kinds: no such data set, configuration or split, no network, gated
        reason = " ".join(str(exc).split())[:300] or type(exc).__name__
        mode = " (HF_HUB_OFFLINE is set, so that only what was loaded before is found)" if offline else ""
        raise ConfigError(f"Cannot load the data set {name!r}{mode}: {reason}. {OFFLINE}.") from exc


def _expect_reachable(name: str) -> None:
    """Raise `ConfigError` if no connection to the hub can be made, also not through a proxy."""
    endpoint = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    names = (f"{endpoint.scheme}_proxy", f"{endpoint.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    proxy = next((os.environ[name] for name in names if os.environ.get(name)), "")
    way = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else endpoint
    try:
        port = way.port or (443 if way.scheme == "https" else 80)
        socket.create_connection((way.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except (OSError, ValueError, UnicodeError) as exc:
        raise ConfigError(
            f"Cannot load the data set {name!r}: the hub at {endpoint.netloc} cannot be reached ({exc}). "
            f"{OFFLINE}. Or, if it was loaded here before, set HF_HUB_OFFLINE=1."
        ) from exc
