"""A program on langgraph: a graph of a model and its tools, with langchain-openai's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from pydantic import BaseModel

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


class Person(BaseModel):
    """A person and their age."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"18 degrees in {city}"


def make_graph() -> CompiledStateGraph:
    """Build the agent of the documentation's first pages."""
    model = ChatOpenAI(model="gpt-4o-mini").bind_tools([get_weather])

    def chatbot(state: MessagesState) -> dict[str, object]:
        return {"messages": [model.invoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("chatbot", chatbot)
    graph.add_node("tools", ToolNode([get_weather]))
    graph.add_edge(START, "chatbot")
    graph.add_conditional_edges("chatbot", tools_condition)
    graph.add_edge("tools", "chatbot")
    return graph.compile()


def make_chat() -> CompiledStateGraph:
    """Build a graph of the model alone."""
    model = ChatOpenAI(model="gpt-4o-mini")

    def chatbot(state: MessagesState) -> dict[str, object]:
        return {"messages": [model.invoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("chatbot", chatbot)
    graph.add_edge(START, "chatbot")
    return graph.compile()


def plain(question: str = "What is the capital of France?") -> str:
    """Ask."""
    return make_chat().invoke({"messages": [("user", question)]})["messages"][-1].text


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask, and read the answer as it comes."""
    parts = make_chat().stream({"messages": [("user", question)]}, stream_mode="messages")
    return [message.text for message, _ in parts if message.text]


def tools(question: str = "What is the weather in Paris?") -> str:
    """Let the model call a function, and answer with what it returned."""
    return make_graph().invoke({"messages": [("user", question)]})["messages"][-1].text


def structured(question: str = "Ada Lovelace is 36 years old.") -> dict[str, object]:
    """Ask for an object of a class, in a node."""
    model = ChatOpenAI(model="gpt-4o-mini").with_structured_output(Person)
    found: list[Person] = []

    def extract(state: MessagesState) -> dict[str, object]:
        found.append(model.invoke(state["messages"]))
        return {"messages": []}

    graph = StateGraph(MessagesState)
    graph.add_node("extract", extract)
    graph.add_edge(START, "extract")
    graph.compile().invoke({"messages": [("user", question)]})
    return found[0].model_dump()
