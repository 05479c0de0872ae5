"""A third party's domain: write a word backwards."""

from sml_gym import Diagnosis, Draft, Fact, GeneratedTasks, Informativeness, Outcome, Reference, SMLEnv


class Backwards:
    name, levels = "backwards", (3, 5, 8)

    def generate(self, rng, level):
        word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(level))
        return Draft(
            f"Write {word!r} backwards.", lambda: Reference(word[::-1], f"Read {word} from its end.")
        )


class SpellingEnv(SMLEnv):
    phrases = {"spelling.place": ("Look at letter {place}.", "Letter {place} is not right.")}

    def tasks(self, split):
        return GeneratedTasks([Backwards()], split)

    def diagnose(self, task, utterance, verdict):
        wanted = task.private.reveal().answer
        if verdict.outcome is not Outcome.INCORRECT:
            return Diagnosis()
        place = next((i for i, (a, b) in enumerate(zip(verdict.answer, wanted)) if a != b), len(wanted) - 1)
        return Diagnosis((Fact("spelling.place", {"place": str(place + 1)}, Informativeness.WHERE),))
