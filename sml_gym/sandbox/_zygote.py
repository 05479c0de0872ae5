"""What the CPython worker runs (see `sml_gym.sandbox.cpython`, which starts it by its file name).

The zygote itself runs nobody's code. It imports what programs need, and then forks one child for each job.
The child gets three descriptors (its socket to the host, standard input, standard output), confines itself,
and only then reads what it shall run. It lives for one job; the zygote kills it, with its group, and tells
how it ended.

Requests come in packets, JSON with descriptors beside it; some are answered by a packet:

    {"op": "spawn", "job": 1, ...}, 3 descriptors                  the child itself says it is there
    {"op": "reap", "job": 1, "patience": 0.0, "answer": true}      {"status": -9, "killed": true}
    {"op": "import", "module": "a.b"}                              {} or {"error": ..., "message": ...}

With the host a child speaks frames: a length of 4 bytes, most significant first, and the content. A reply
is the ticket of its request, a letter for its kind, the length of what was printed, that, and the value or
the failure.

This file imports nothing of sml_gym but its neighbours `_plain`, `_confine` and `_job`.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import importlib.util
import json
import os
import random
import select
import signal
import socket
import sys
import sysconfig
import time
import types
from pathlib import Path
from typing import Any

_MAX_ERROR_CHARS = 2_000

# Compiled modules cannot be loaded by a confined program, so those that it may need are here; the rest are
# those most used, so that they cost nothing. Others of the standard library are read when they are imported.
_PRELOADED = """
    abc array ast base64 binascii bisect builtins bz2 calendar cmath codecs collections
    collections.abc colorsys contextlib contextvars copy copyreg csv ctypes dataclasses datetime
    decimal difflib dis enum errno fnmatch fractions functools gc genericpath graphlib hashlib heapq
    hmac html html.entities inspect io ipaddress itertools json keyword linecache locale lzma math mmap
    numbers opcode operator os pathlib pickle posixpath pprint random re reprlib secrets
    select shlex signal stat statistics string stringprep struct sys textwrap time timeit
    token tokenize traceback types typing unicodedata urllib.parse uuid warnings weakref
    zlib zoneinfo _strptime _bisect _heapq _json _statistics _queue _datetime _decimal _elementtree
    pyexpat encodings.ascii encodings.latin_1 encodings.utf_8 encodings.utf_16 encodings.utf_32
    encodings.idna encodings.unicode_escape encodings.raw_unicode_escape encodings.cp437
    encodings.cp1252
"""


def main() -> None:
    """Serve until the host closes its end of the control socket.

    Command line: the control socket's descriptor, the host's process id, the folder of this file's
    neighbours, and as JSON `library` (null where programs are run, the `sys.path` where functions are
    called) and `landlock` (false to do without it).
    """
    plain, confine, job = (_neighbour(sys.argv[3], name) for name in ("_plain", "_confine", "_job"))
    # The number where children find their socket is taken, so that no descriptor they are sent has it.
    control = socket.socket(fileno=fcntl.fcntl(int(sys.argv[1]), fcntl.F_DUPFD_CLOEXEC, 32))
    os.dup2(2, job.SOCKET)
    host = int(sys.argv[2])
    options = json.loads(sys.argv[4])
    library = options["library"]
    os.environ.clear()
    sys.argv[1:] = []
    if library is None:
        _prepare_for_programs()
        readable = _standard_library()
    else:
        sys.path[:] = library
        readable = [*_standard_library(), *_installed(library)]
    try:
        landlock = options["landlock"] and confine.landlock_abi() > 0
        confinement = confine.Confinement(readable if landlock else None, libraries=library is not None)
        hello: dict[str, Any] = {"ready": os.getpid(), "files": confinement.ruleset is not None}
    except (confine.Unconfined, OSError) as exc:
        confinement, hello = None, {"unconfined": str(exc)}
    gc.collect()
    gc.freeze()  # what the zygote holds is never looked through, and so never copied, in a child
    control.send(json.dumps(hello).encode())
    if confinement is not None:
        _Zygote(control, host, plain, confine, job, confinement, readable).serve()


class _Zygote:
    def __init__(
        self,
        control: socket.socket,
        host: int,
        plain: types.ModuleType,
        confine: types.ModuleType,
        job: types.ModuleType,
        confinement: Any,
        readable: list[str],
    ) -> None:
        self.control, self.host = control, host
        self.plain, self.confine, self.job = plain, confine, job
        self.confinements = {"": confinement}
        self.readable = readable
        self.children: dict[int, int] = {}
        self.own_bytes = _own_bytes()

    def serve(self) -> None:
        """Answer requests until the host is gone, then end all children."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while os.getppid() == self.host:
            if not poll.poll(1000):
                continue
            try:
                data, descriptors, _, _ = socket.recv_fds(self.control, 2**16, 3)
                if not data:
                    break
                reply = self.answer(json.loads(data), descriptors)
                if reply is not None:
                    self.control.send(json.dumps(reply).encode())
            except OSError:
                break
        for job in list(self.children):
            self.reap(job)

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | None:
        if request["op"] == "spawn":
            # Should there be no process to be had, the socket closes, which is all that the host needs to
            # know.
            with contextlib.suppress(OSError):
                self.spawn(request, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            return None
        if request["op"] == "reap":
            ended = self.reap(request["job"], request["patience"])
            return ended if request["answer"] else None
        return self.load(request["module"])

    def spawn(self, request: dict[str, Any], descriptors: list[int]) -> None:
        zygote = os.getpid()
        confinement = self.confinements[request.get("package", "")]
        pid = os.fork()
        if pid == 0:
            try:
                self.become_child(request, descriptors, zygote, confinement)
            finally:
                os._exit(70)  # it could not be confined: it runs nothing
        self.children[request["job"]] = pid
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # the child does the same: whoever comes first

    def become_child(
        self, request: dict[str, Any], descriptors: list[int], zygote: int, confinement: Any
    ) -> None:
        """Confine this process and do the job. Never returns."""
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        self.confine.die_with(zygote)
        first = self.job.SOCKET
        for number, descriptor in ((first, descriptors[0]), (0, descriptors[1]), (1, descriptors[2])):
            os.dup2(descriptor, number)
        kept = confinement.ruleset
        os.closerange(first + 1, kept if kept is not None else first + 1)
        os.closerange(first + 1 if kept is None else kept + 1, 4096)
        random.seed(0)  # the same program does the same whenever it runs
        self.confine.limit(
            memory_bytes=self.own_bytes + request["memory_bytes"],
            cpu_seconds=request["cpu_seconds"],
            file_bytes=request["output_bytes"],
        )
        confinement.apply()
        self.job.serve(self.plain)

    def reap(self, job: int, patience: float = 0.0) -> dict[str, Any]:
        """Kill a child and all of its group, and wait until it is gone.

        `patience` is how long, in seconds, a child that is ending by itself is given to do so, so that it
        is known how it ended; `killed` says that it was still there.
        """
        pid = self.children.pop(job, 0)
        if not pid:
            return {"status": 0, "killed": False}  # it could not be forked
        until = time.monotonic() + patience
        done, status = os.waitpid(pid, os.WNOHANG)
        while not done and time.monotonic() < until:
            time.sleep(0.0005)
            done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)  # of its group, should there be anything
        else:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
        return {
            "status": os.waitstatus_to_exitcode(status),
            "killed": not done,
        }

    def load(self, module: str) -> dict[str, Any]:
        """Import a module for functions, here where nothing is confined, and let its package be read."""
        package = module.partition(".")[0]
        try:
            importlib.import_module(module)
            if package not in self.confinements:
                folders = [str(folder) for folder in getattr(sys.modules[package], "__path__", [])]
                landlocked = self.confinements[""].ruleset is not None
                self.confinements[package] = self.confine.Confinement(
                    [*self.readable, *folders] if landlocked else None, libraries=True
                )
        except Exception as exc:
            return {"error": type(exc).__name__, "message": str(exc)[:_MAX_ERROR_CHARS]}
        gc.collect()
        gc.freeze()
        self.own_bytes = _own_bytes()
        return {}


def _neighbour(folder: str, name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(folder, f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _prepare_for_programs() -> None:
    for name in _PRELOADED.split():
        with contextlib.suppress(ImportError):  # some Pythons come without some of them
            importlib.import_module(name)
    with contextlib.suppress(ImportError):  # what `site` would have added
        import _sitebuiltins
        import builtins

        for name in ("exit", "quit"):
            setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))


def _standard_library() -> list[str]:
    """Everything in the folders of the standard library but what others have installed there."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    found = []
    for folder in sorted(folders):
        with contextlib.suppress(OSError):
            entries = [entry.path for entry in os.scandir(folder)]
            found += [path for path in entries if not path.endswith(("-packages", "EXTERNALLY-MANAGED"))]
        importlib.invalidate_caches()
        with contextlib.suppress(
            ImportError
        ):  # the importer knows the folder's names before it is closed to it
            importlib.util.find_spec("no_such_module_anywhere")
    return found


def _installed(library: list[str]) -> list[str]:
    """The folders of installed packages among those on the path."""
    return [path for path in library if os.path.basename(path) in ("site-packages", "dist-packages")]


def _own_bytes() -> int:
    """The address space that this process has already."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
