"""Dialogues with a teacher behind a server, beside a bare `AsyncOpenAI` loop that sends the same requests.

    python benchmarks/chat_throughput.py

A stub server in a process of its own answers every request after 5 ms with the same sentence. On one side
`sml_gym.rollout` holds dialogues of three turns on `SML-Math-v0` with the teacher
`openai:...?concurrency=N`: the student's words come from a script, everything else is as in earnest (tasks
are generated, answers read, verified and diagnosed, the prompt is filled in, usage counted, episodes
recorded). On the other side N workers take the very same chats, recorded beforehand, off one list, send them
with `client.chat.completions.create`, and do nothing with the answers. Both sides send the same number of
requests to the same server, in turn, repeat by repeat, in an order that rotates. The first repeat is a
warm-up and not counted.

The figure is requests a second of `rollout`, divided by those of the bare loop in the same repeat; the
interval is a bootstrap over repeats. It is given with the guard around the teacher, which is the default, and
without, and for waves (`batch_size`) of the default size, of the size of the concurrency, and, where the two
are the same, of four times that. A wave as small as the concurrency waits in each turn for its slowest
answer, and sends nothing while the student speaks.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent))

from chat_server import ServerProcess
from openai import AsyncOpenAI

from benchmarks.results_file import report
from benchmarks.throughput import interval
from sml_gym import Job, env_factory, rollout
from sml_gym.chat import ChatError, ChatModel, ChatSampling, Completion, Message, make_chat_model
from sml_gym.students import ScriptedStudent
from sml_gym.teachers.chat import ChatTeacher

TURNS = 3
DELAY = 0.005
DIALOGUES = {1: 128, 32: 1024, 128: 1024}
"""How many dialogues a pass holds at each concurrency."""

STUDENT = ScriptedStudent(
    [
        "Let me see. Final answer: 123456789",
        "Which digit is wrong?",
        "Then it must be this. Final answer: 98765",
    ]
)


class Recorder:
    """A chat model that keeps what it was sent."""

    def __init__(self, model: ChatModel) -> None:
        self.model, self.name = model, model.name
        self.chats: list[list[Message]] = []

    def describe(self) -> dict[str, Any]:
        """What the model says of itself."""
        return self.model.describe()

    def complete(
        self,
        chats: Sequence[Sequence[Message]],
        sampling: ChatSampling,
        *,
        seeds: Sequence[int] | None = None,
    ) -> list[Completion | ChatError]:
        """The model's completions."""
        self.chats += [list(chat) for chat in chats]
        return self.model.complete(chats, sampling, seeds=seeds)


def dialogues(teacher: str | ChatTeacher, n: int, wave: int) -> int:
    """Hold `n` dialogues; the number of requests."""
    make = env_factory("SML-Math-v0", teacher=teacher, max_turns=TURNS)
    episodes = rollout(make, STUDENT, [Job(seed=seed) for seed in range(n)], batch_size=wave)
    requests = sum(int(episode.usage["teacher_requests"]) for episode in episodes)
    assert all(episode.valid for episode in episodes) and requests == TURNS * n
    return requests


class BareLoop:
    """`concurrency` workers that send one chat after the other."""

    def __init__(self, url: str) -> None:
        self.client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        self.runner = asyncio.Runner()

    def send(self, chats: list[list[Message]], concurrency: int) -> int:
        """Send them all; the number of requests."""
        left = iter(chats)
        self.runner.run(self._workers(left, concurrency))
        return len(chats)

    async def _workers(self, left: Iterator[list[Message]], concurrency: int) -> None:
        async def work() -> None:
            for chat in left:
                await self.client.chat.completions.create(
                    model="tiny",
                    messages=chat,
                    temperature=0.7,
                    max_tokens=400,
                    seed=1,  # type: ignore[arg-type]
                )

        await asyncio.gather(*[work() for _ in range(concurrency)])


def rate(run: Callable[[], int]) -> float:
    """Requests a second of one pass."""
    gc.collect()
    start = time.perf_counter()
    requests = run()
    return requests / (time.perf_counter() - start)


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7, help="passes of each side (default: 7)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    rates: dict[str, dict[str, list[float]]] = {}
    with ServerProcess("--delay", str(DELAY)) as server:
        recorder = Recorder(make_chat_model(server.spec(concurrency=128)))
        dialogues(ChatTeacher(recorder), max(DIALOGUES.values()), 512)
        bare = BareLoop(server.url)
        for repeat in range(args.repeats + 1):
            for concurrency, n in DIALOGUES.items():
                name = server.spec(concurrency=concurrency)
                chats = recorder.chats[: TURNS * n]
                sides: dict[str, Callable[[], int]] = {
                    "bare loop": lambda c=concurrency, chats=chats: bare.send(chats, c),  # type: ignore[misc]
                }
                for wave in sorted({concurrency, 128, max(128, 4 * concurrency)}):
                    for teacher, label in ((name, "guarded"), (f"guard(off):{name}", "not guarded")):
                        sides[f"{label}, waves of {wave}"] = lambda t=teacher, n=n, w=wave: dialogues(t, n, w)  # type: ignore[misc]
                order = list(sides)
                order = order[repeat % len(order) :] + order[: repeat % len(order)]
                measured = {side: rate(sides[side]) for side in order}
                if repeat:  # the first is a warm-up
                    for side, value in measured.items():
                        rates.setdefault(str(concurrency), {}).setdefault(side, []).append(value)
                print(concurrency, {side: round(value) for side, value in measured.items()}, flush=True)
    figures: dict[str, object] = {
        "requests_per_second": {
            concurrency: {side: interval(values) for side, values in found.items()}
            for concurrency, found in rates.items()
        },
        "ratio_to_bare_loop": {
            concurrency: {
                side: interval([100 * a / b for a, b in zip(values, found["bare loop"], strict=True)])
                for side, values in found.items()
                if side != "bare loop"
            }
            for concurrency, found in rates.items()
        },
        "ratio_is_in": "percent",
        "default_wave": 128,
        "server_delay_seconds": DELAY,
        "turns": TURNS,
        "dialogues_a_pass": {str(concurrency): n for concurrency, n in DIALOGUES.items()},
        "repeats": args.repeats,
    }
    report("chat_throughput", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
