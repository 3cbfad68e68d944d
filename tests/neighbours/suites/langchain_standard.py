"""LangChain's standard tests of chat models, on langchain-openai's ChatOpenAI.

Run by run.py, in an environment of its own: on the bare SDK with the emulator's URL, key and slug in the
program's own variables, and on the patched SDK with OpenAI's names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import cell
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

cell.stay_on_loopback()


class TestChatOpenAI(ChatModelIntegrationTests):
    """The standard tests; images and other inputs that gpt-oss-120b lacks are off, as is the default."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        """The class under test."""
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        """Its arguments."""
        return {"model": os.environ["NEIGHBOUR_MODEL"]}
