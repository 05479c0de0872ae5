"""`MyDomain-v0`, a domain for sml_gym."""

from .env import MyDomainEnv

__all__ = ["MyDomainEnv"]
