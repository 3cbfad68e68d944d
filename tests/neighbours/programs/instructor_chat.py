"""A program on instructor: answers are objects of classes."""

from __future__ import annotations

import instructor
from openai import OpenAI
from pydantic import BaseModel


class Answer(BaseModel):
    """An answer."""

    text: str


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


def plain(question: str = "What is the capital of France?") -> str:
    """Ask, with no class."""
    client = instructor.from_openai(OpenAI())
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        response_model=None,
        messages=[{"role": "user", "content": question}],
    )
    return answer.choices[0].message.content


def tools(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class, by a tool (instructor's default)."""
    client = instructor.from_openai(OpenAI())
    return _ask(client, question)


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class, by a JSON schema."""
    client = instructor.from_openai(OpenAI(), mode=instructor.Mode.JSON_SCHEMA)
    return _ask(client, question)


def stream(question: str = "Ada Lovelace is 36 years old.") -> list[dict[str, object]]:
    """Ask for an object of a class, and read it as it comes."""
    client = instructor.from_openai(OpenAI())
    parts = client.chat.completions.create_partial(
        model="gpt-4o-mini",
        response_model=Person,
        messages=[{"role": "user", "content": question}],
    )
    return [part.model_dump() for part in parts]


def _ask(client: instructor.Instructor, question: str) -> dict[str, object]:
    person = client.chat.completions.create(
        model="gpt-4o-mini",
        response_model=Person,
        messages=[{"role": "user", "content": question}],
    )
    return person.model_dump()
