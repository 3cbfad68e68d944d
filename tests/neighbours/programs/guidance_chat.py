"""A program on guidance."""

from __future__ import annotations

import json

from guidance import assistant, gen, models, user
from guidance import json as gen_json
from pydantic import BaseModel


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    model = models.OpenAI("gpt-4o-mini", echo=False)
    with user():
        model += question
    with assistant():
        model += gen("answer")
    return model["answer"]


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class."""
    model = models.OpenAI("gpt-4o-mini", echo=False)
    with user():
        model += question
    with assistant():
        model += gen_json(name="person", schema=Person)
    return json.loads(model["person"])
