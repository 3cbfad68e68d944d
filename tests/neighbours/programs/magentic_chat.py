"""A program on magentic: functions that a model fulfils."""

from magentic import StreamedStr, prompt, prompt_chain
from magentic.chat_model.openai_chat_model import OpenaiChatModel
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def make_model() -> OpenaiChatModel:
    """Name the model, as magentic's documentation does."""
    return OpenaiChatModel("gpt-4o-mini")


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""

    @prompt("{question}", model=make_model())
    def ask(question: str) -> str: ...

    return ask(question)


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""

    @prompt("{question}", model=make_model())
    def ask(question: str) -> StreamedStr: ...

    return list(ask(question))


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""

    @prompt_chain("{question}", functions=[get_weather], model=make_model())
    def ask(question: str) -> str: ...

    return ask(question)


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""

    @prompt("{question}", model=make_model())
    def ask(question: str) -> Person: ...

    return ask(question).model_dump()
