"""Generation back ends: who turns token ids into more token ids, behind one protocol.

    generator.generate(prompts, sampling, keys=keys) -> Generated(ids, logprobs)

Whole prompts go in, each with all that was said before, and sampled ids come out with their
log-probabilities under softmax(logits / temperature), before any top-p cut. What is kept from call to call
(keys and values, prefix caches) is the back end's own affair and changes nothing that it says.

- `OwnGenerator` (`generation.own`): the model itself, in this process, its keys and values kept across turns.
- `VLLMGenerator` (`generation.vllm_engine`): vLLM in this process.
- `VLLMServer` (`generation.vllm_server`): vLLM's own HTTP server.

`make_generator` makes one by its name. A back end that holds weights of its own takes them over when
`weights_changed` is called, which every process of a run does together after each update.

Words are not this package's: `sml_agents.student.ModelStudent` is a chat format, a memory of each dialogue's
token ids, and a generator.
"""

from sml_agents.generation.own import OwnGenerator
from sml_agents.generation.protocol import Generated, Generator, TokenSampling

__all__ = ["Generated", "Generator", "OwnGenerator", "TokenSampling"]
