"""Chat models: what a teacher, a student or a judge that is a language model speaks through."""

from sml_gym.chat.budget import Budget, Prices
from sml_gym.chat.limits import Limits
from sml_gym.chat.model import ChatError, ChatModel, ChatSampling, Completion, Message
from sml_gym.chat.server import OpenAIChat
from sml_gym.chat.specs import make_chat, make_chat_model

__all__ = [
    "Budget",
    "ChatError",
    "ChatModel",
    "ChatSampling",
    "Completion",
    "Limits",
    "Message",
    "OpenAIChat",
    "Prices",
    "make_chat",
    "make_chat_model",
]
