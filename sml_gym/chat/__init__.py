"""Chat models: what a teacher, a student or a judge that is a language model speaks through."""

from sml_gym.chat.model import ChatError, ChatModel, ChatSampling, Completion, Message

__all__ = ["ChatError", "ChatModel", "ChatSampling", "Completion", "Message"]
