"""Environments made of other environments: the same domains, and another way for the dialogue to go."""
