"""A scripted student that is only as good as what it is told: the fixed student of an audit.

It knows that its task is one of a few (the real one and others of its family), gives their answers
one after the other, and after each reply puts those behind that the reply contradicts. Without
feedback it merely tries one after the other; told only that an attempt is wrong it can do no better;
told more it is through sooner; told wrong things it is led astray. It asks now and then.

It needs no model, learns nothing, and works in any domain whose facts can be judged
(`SMLEnv.holds`). It is a measuring instrument and no stand-in for a real student: what helps a model
may be more, or less, than what helps this one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sml_gym.claims import ClaimReader
from sml_gym.dialogue import Dialogue, Speaker
from sml_gym.env import SMLEnv
from sml_gym.errors import StudentError
from sml_gym.metrics import Floats
from sml_gym.rollout import Reply
from sml_gym.seeding import stable_hash
from sml_gym.students import KnownTasks
from sml_gym.task import Task

QUESTIONS = (
    "What is the next step?",
    "Can you give me a hint?",
    "Where did I go wrong?",
    "How should I start?",
)


class ListeningStudent:
    """Rules out what the teacher's words contradict (see the module's text).

    Args:
        env: whose tasks they are.
        tasks: all that the dialogues may be about.
        candidates: among how many answers it looks for the right one.
        asks: the probability that it asks a question instead of trying, from its second turn on.
        seed: of the order of its candidates, and of when it asks what.
    """

    name = "listener"
    _TRIES = 8  # draws for each candidate, since answers of other tasks may be the same

    def __init__(
        self, env: SMLEnv, tasks: Sequence[Task], *, candidates: int = 32, asks: float = 0.2, seed: int = 0
    ) -> None:
        self._env = env
        self._tasks = KnownTasks(tasks)
        self._size = candidates
        self._asks = asks
        self._seed = seed
        self._reader = ClaimReader(env)
        self._candidates: dict[str, list[tuple[Task, str]]] = {}
        self._heard: dict[tuple[str, str, str], Floats] = {}

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """What it says next; a `StudentError` for a dialogue about a task that it was not given."""
        return [self._reply(dialogue) for dialogue in dialogues]

    def _reply(self, dialogue: Dialogue) -> Reply | StudentError:
        try:
            first = self._tasks.of(dialogue)
        except StudentError as exc:
            return exc
        task, utterances = self._env.posed_in(first, dialogue), dialogue.utterances
        if task is not first:  # what was said before is about the first one
            utterances = utterances[-1:]
        draw = stable_hash("listener", self._seed, task.problem, dialogue.turn)
        if dialogue.turn and draw % 2**32 < self._asks * 2**32:
            return Reply(QUESTIONS[draw // 2**32 % len(QUESTIONS)])
        candidates = self._of(task)
        contradicted = np.zeros(len(candidates))
        said: set[str] = set()
        for own, heard in zip(utterances[1::2], utterances[2::2], strict=False):
            assert own.speaker is Speaker.STUDENT
            said.add(own.text)
            contradicted += self._contradictions(task, own.text, heard.text)
        untried = [i for i, (_, answer) in enumerate(candidates) if answer not in said]
        if not untried:
            return Reply(candidates[draw % len(candidates)][1])
        return Reply(candidates[min(untried, key=lambda i: (contradicted[i], i))][1])

    def _of(self, task: Task) -> list[tuple[Task, str]]:
        """The task among others with other answers, in an order that tells nothing."""
        if task.id not in self._candidates:
            rng = np.random.default_rng(stable_hash("listener's candidates", self._seed, task.problem))
            found = {self._env.probes(task).correct: task}
            for _ in range(self._TRIES * self._size):
                if len(found) >= self._size:
                    break
                other = self._env.source.sample(rng, like=task)
                answer = self._env.probes(other).correct
                found.setdefault(self._env.retold(other, task, answer), other)
            pairs = [(other, answer) for answer, other in found.items()]
            self._candidates[task.id] = [pairs[i] for i in rng.permutation(len(pairs))]
        return self._candidates[task.id]

    def _contradictions(self, about: Task, said: str, heard: str) -> Floats:
        """For each candidate how many claims in a reply would be false if it were the task."""
        key = about.id, said, heard
        if key not in self._heard:
            claims = self._reader.phrases(heard)
            counts = []
            for task, _ in self._of(about) if claims else ():
                examined = self._env.examine(task, self._env.retold(about, task, said))
                counts.append(sum(self._reader.holds(claim, task, examined) is False for claim in claims))
            self._heard[key] = np.array(counts or [0] * len(self._of(about)), dtype=float)
        return self._heard[key]
