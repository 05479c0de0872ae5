"""Policy objectives for sampled tokens: importance ratios, ways to bound them, and KL estimators.

With r the ratio pi / pi_old of a token, or of a longer stretch, and A its advantage, the loss of a token is

- `clip`: -min(r A, clip(r, 1 - low, 1 + high) A). PPO, arXiv 1707.06347, eq. 7. With high above low:
  DAPO's "clip higher", arXiv 2503.14476, section 3.1.
- `cispo`: -sg(min(r, 1 + high)) A log pi, which bounds the weight of a token and cuts no gradient. CISPO,
  arXiv 2506.13585, section 3.1.

and r is taken over

- `token`: exp(log pi - log pi_old), as in GRPO, arXiv 2402.03300, eq. 3;
- `dialogue`: exp of the mean of that difference over all that the student said. GSPO, arXiv 2507.18071,
  section 4;
- `turn`: GSPO's ratio with an utterance as the sequence.

Over a stretch each token's ratio has that value and the gradient of its own log-probability (GSPO-token,
there section 4.3). Where all tokens of a stretch have one advantage, the sum of their losses and its gradient
are GSPO's; where turns have advantages of their own, none is spread over the others.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Objective = Literal["clip", "cispo"]
RatioOver = Literal["token", "turn", "dialogue"]
KLEstimator = Literal["k1", "k2", "k3"]


def segment_mean(values: Tensor, segments: Tensor) -> Tensor:
    """For each entry the mean over all entries of its segment.

    Args:
        values: shape (tokens,).
        segments: shape (tokens,), numbers of segments from 0.
    """
    size = int(segments.max()) + 1 if len(segments) else 0
    sums = torch.zeros(size, dtype=values.dtype, device=values.device).index_add(0, segments, values)
    counts = torch.zeros(size, dtype=values.dtype, device=values.device).index_add(
        0, segments, torch.ones_like(values)
    )
    return (sums / counts.clamp(min=1))[segments]


def policy_losses(
    logprobs: Tensor,
    old: Tensor,
    advantages: Tensor,
    *,
    low: float,
    high: float,
    objective: Objective = "clip",
    segments: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The loss of each token, and whether the bound cut its gradient. All of shape (tokens,).

    Args:
        logprobs: log pi of the sampled tokens, with a gradient.
        old: log pi_old, as they were sampled.
        advantages: of each token.
        low: how far the ratio may fall below 1.
        high: how far it may rise above 1.
        objective: how the ratio is bounded.
        segments: to which turn or dialogue each token belongs, for a ratio over these; None: each token has
            its own. The mean over a segment whose tokens have one advantage is GSPO's loss.
    """
    log_ratio = logprobs - old
    if segments is not None:
        own = log_ratio - log_ratio.detach()  # 0, with the gradient of each token's log-probability
        log_ratio = segment_mean(log_ratio.detach(), segments) + own
    ratio = torch.exp(log_ratio)
    if objective == "cispo":
        weight = ratio.detach().clamp(max=1 + high)
        return -weight * advantages * logprobs, ratio.detach() > 1 + high
    free, clipped = ratio * advantages, ratio.clamp(1 - low, 1 + high) * advantages
    return -torch.minimum(free, clipped), clipped < free


def kl_estimate(logprobs: Tensor, reference: Tensor, estimator: KLEstimator = "k3") -> Tensor:
    """KL(pi || pi_ref) at each sampled token, shape (tokens,), with d = log pi - log pi_ref.

    k1: d, unbiased and of high variance. k2: d^2 / 2, biased and low. k3: exp(-d) - 1 + d, unbiased, never
    negative and low; equation 4 of DeepSeekMath (arXiv 2402.03300). Names: J. Schulman, "Approximating KL
    Divergence" (2020). So much for the value; as a term of the loss, k2 has the gradient of KL(pi || pi_ref),
    k3 that of KL(pi_ref || pi), and k1 none in expectation (compare arXiv 2506.09477).
    """
    difference = logprobs - reference
    if estimator == "k1":
        return difference
    if estimator == "k2":
        return difference**2 / 2
    return torch.exp(-difference) - 1 + difference
