"""Training agents (torch): the model student, GRPO, and the embedded student."""
