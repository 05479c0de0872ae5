"""What isolation this machine gives, found out by trying: `sml-gym doctor` prints it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sml_gym.errors import ConfigError, VerifierError
from sml_gym.sandbox import _confine
from sml_gym.sandbox.box import Sandbox, usable_processors
from sml_gym.sandbox.monty import MontyEngine, Unfit
from sml_gym.sandbox.program import ENGINES, Call, Engine, FailureKind, Limits, Program

_LIMITS = Limits(seconds=1.0, total_seconds=2.0, memory_bytes=64 * 2**20, output_bytes=1024)

# What is tried, and what the code would return if it came to pass.
_ATTEMPTS = {
    "read /etc/passwd": "return 'bad' if open('/etc/passwd').read() else ''",
    "list the root folder": "import os\nreturn 'bad' if os.listdir('/') else ''",
    "write a file in /tmp": "open('/tmp/sml-gym-doctor', 'w').write('x')\nreturn 'bad'",
    "read /proc/self/environ": "open('/proc/self/environ').read()\nreturn 'bad'",
    "make a process": "import os\nif os.fork() == 0:\n    os._exit(0)\nreturn 'bad'",
    "start a thread": "import _thread\n_thread.start_new_thread(print, ())\nreturn 'bad'",
    "make a socket": "import socket\nsocket.socket()\nreturn 'bad'",
    "signal this process": "import os\nos.kill(HOST, 0)\nreturn 'bad'",
    "make memory executable": "import mmap\nmmap.mmap(-1, 4096, prot=mmap.PROT_EXEC)\nreturn 'bad'",
    "use too much memory": "return 'bad' if len([0] * 100_000_000) else ''",
    "run for ever": "while True:\n    pass",
    "print without end": "while True:\n    print('x' * 1000)",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, how it is, and whether that is well."""

    name: str
    state: str
    well: bool = True


@dataclass(frozen=True)
class Checkup:
    """All findings.

    Attributes:
        machine: what the machine offers.
        engines: for each engine what was tried with it; empty where it was not examined.
        safe: the engines that code may be run with.
    """

    machine: tuple[Finding, ...]
    engines: dict[Engine, tuple[Finding, ...]]
    safe: tuple[Engine, ...]


def examine(engines: Sequence[Engine] = ENGINES) -> Checkup:
    """Look at the machine and try each engine."""
    found: dict[Engine, tuple[Finding, ...]] = {}
    for engine in engines:
        found[engine] = _examine_monty() if engine == "monty" else _examine_cpython()
    safe = tuple(engine for engine, findings in found.items() if all(finding.well for finding in findings))
    return Checkup(_machine(), found, safe)


def _machine() -> tuple[Finding, ...]:
    abi = _confine.landlock_abi()
    seccomp = _confine.seccomp_available()
    user = f"{os.getuid()}{' (root)' if os.getuid() == 0 else ''}"
    return (
        Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        Finding("user", f"{user}; a confined process keeps none of its capabilities"),
        Finding(
            "Landlock",
            f"version {abi}: the standard library can be read, nothing else"
            if abi
            else "none: a confined process can open no file at all, and import only what was imported before",
        ),
        Finding("seccomp", "filters are taken" if seccomp else "none: there is no CPython worker", seccomp),
        Finding("memory of the control group", _group_memory()),
        Finding("processors", str(usable_processors())),
    )


def _group_memory() -> str:
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit() and int(text) < 2**60:
            return f"{int(text) / 2**30:.1f} GiB"
    return "no limit found; each confined process has its own"


def _examine_monty() -> tuple[Finding, ...]:
    engine = MontyEngine()
    try:
        version = importlib.metadata.version("pydantic-monty")
        with engine.session("def double(x):\n    return 2 * x", _LIMITS) as session:
            session.start()
            value = session.call(Call("double", (21,))).value
    except importlib.metadata.PackageNotFoundError:
        return (Finding("installed", "no: pip install 'sml-gym[code]'", False),)
    except (ImportError, OSError, Unfit) as exc:
        return (Finding("works", f"no: {exc}", False),)
    findings = [Finding("works", f"yes, version {version}" if value == 42 else "no", value == 42)]
    for name, code in _ATTEMPTS.items():
        try:
            with engine.session(_attempt(code), _LIMITS) as session:
                session.start()
                value = session.call(Call("attempt")).value
            findings.append(Finding(name, "not prevented" if value == "bad" else "nothing", value != "bad"))
        except Unfit as exc:
            findings.append(Finding(name, f"prevented: {_short(str(exc).partition(': ')[2])}"))
    engine.close()
    return tuple(findings)


def _examine_cpython() -> tuple[Finding, ...]:
    findings = []
    with Sandbox(engines=("cpython",), concurrency=1) as box:
        try:
            run = box.run(Program("def double(x):\n    return 2 * x", (Call("double", (21,)),)), _LIMITS)
        except (ConfigError, VerifierError) as exc:
            return (Finding("works", f"no: {exc}", False),)
        well = run.failure is None and run.calls[0].value == 42
        findings.append(Finding("works", f"yes, Python {platform.python_version()}" if well else "no", well))
        for name, code in _ATTEMPTS.items():
            try:
                result = box.run(Program(_attempt(code), (Call("attempt"),)), _LIMITS).calls[0]
            except VerifierError as exc:
                findings.append(Finding(name, f"failed: {exc}", False))
                continue
            if result.failure is None:
                findings.append(Finding(name, "not prevented", False))
                continue
            said = result.failure.exception or result.failure.kind
            if result.failure.kind == FailureKind.EXCEPTION:
                said += f": {result.failure.message}"
            findings.append(Finding(name, f"prevented: {_short(said)}"))
    return tuple(findings)


def _attempt(code: str) -> str:
    body = code.replace("HOST", str(os.getpid())).replace("\n", "\n    ")
    return f"def attempt():\n    {body}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:67]}..."
