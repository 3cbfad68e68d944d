"""Tools: what Baseten's models can call is a function, so every other tool becomes one or is refused.

A custom tool takes free text: it is sent as a function with one string. The tools of a namespace are sent
as functions of their own. ``restore`` gives the calls back in the form that was asked for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .context import GivenTool, Refusal, without

if TYPE_CHECKING:
    from .context import ResponsesContext

JSON = dict[str, Any]

CUSTOM_INPUT = "input"
"""The one argument of a function that stands for a custom tool."""

_SEARCH = "search in your program and describe the search as a function tool"
_SHELL = "run the commands in your program and describe that as a function tool"
HOSTED: dict[str, str] = {
    "web_search": _SEARCH,
    "file_search": _SEARCH,
    "computer": "drive the computer from your program and describe the actions as function tools",
    "code_interpreter": "run the code in your program and describe that as a function tool",
    "image_generation": "make the image with another service and describe that as a function tool",
    "mcp": "call the MCP server from your program and describe its tools as function tools",
    "local_shell": _SHELL,
    "shell": _SHELL,
    "apply_patch": "apply the patch in your program and describe that as a function tool",
    "tool_search": "send the tools themselves",
    "programmatic_tool_calling": "leave it out: the model calls the function tools directly",
}
"""Tools that OpenAI runs or defines, by the start of their type, and what to do instead.

OFF responses_strip_tool_types; the types are those of the SDK's ``ToolParam``.
"""

_OTHER = "describe it as a function tool with a JSON schema"


def instead_of(kind: str) -> str:
    """Say what to do instead of a hosted tool; dated types, ``web_search_preview`` and so on, too."""
    return next((what for start, what in HOSTED.items() if kind.startswith(start)), _OTHER)


def function_name(namespace: str | None, name: str) -> str:
    """Return the name under which a tool of a namespace is sent."""
    return f"{namespace}__{name}" if namespace else name


def translate_tools(body: JSON, context: ResponsesContext) -> JSON:
    """Return the body with functions only, and a ``tool_choice`` that fits them."""
    tools, choice = body.get("tools"), body.get("tool_choice")
    given = {name: body[name] for name in ("tools", "tool_choice") if body.get(name) is not None}
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        body = _shorten(body, choice, context)
        tools, choice = body.get("tools"), body.get("tool_choice")
    sent = _functions(tools, context) if isinstance(tools, list) else tools
    if sent is not tools:
        body = {**body, "tools": sent}
        if not sent:
            body = without(body, "tools")
    new_choice = _choice(choice, context)
    if new_choice is not choice:
        body = {**body, "tool_choice": new_choice}
    changed = [name for name in given if body.get(name) is not given[name]]
    if changed and not context.refusals:
        context.echo.update({name: given[name] for name in changed})
    return body


def _functions(tools: list[Any], context: ResponsesContext) -> list[Any]:
    sent: list[Any] = []
    same = True
    for index, tool in enumerate(tools):
        kind = tool.get("type", "function") if isinstance(tool, dict) else "function"
        if kind == "function":
            sent.append(tool)
            continue
        same = False
        if kind == "custom":
            sent.append(_as_function(tool, None, context))
        elif kind == "namespace" and isinstance(tool.get("tools"), list):
            sent.extend(_of_namespace(tool, context))
        else:
            context.refusals.append(_refused_tool(index, str(kind)))
    return tools if same else sent


def _refused_tool(index: int, kind: str) -> Refusal:
    return Refusal(
        f"tools[{index}]",
        f"{kind} tools",
        f"tools[{index}] is a {kind!r} tool: Baseten runs no tools, its models call functions only",
        instead_of(kind),
        otherwise="left out",
    )


def _of_namespace(tool: JSON, context: ResponsesContext) -> list[JSON]:
    namespace = str(tool.get("name") or "")
    context.note(
        "converted", "tools", "the tools of a namespace are sent as functions; calls are given back"
    )
    sent: list[JSON] = []
    for inner in tool["tools"]:
        if not isinstance(inner, dict):
            continue
        if inner.get("type") == "custom":
            sent.append(_as_function(inner, namespace, context))
            continue
        name = function_name(namespace, str(inner.get("name")))
        context.given_tools[name] = GivenTool("function", str(inner.get("name")), namespace)
        sent.append({**inner, "name": name})
    return sent


def _as_function(tool: JSON, namespace: str | None, context: ResponsesContext) -> JSON:
    context.note(
        "converted",
        "tools",
        "custom tools are sent as function tools with one string; their calls are given back as "
        "custom_tool_call",
    )
    given = str(tool.get("name"))
    name = function_name(namespace, given)
    context.given_tools[name] = GivenTool("custom", given, namespace)
    described = {"type": "string", "description": _input_description(tool, context)}
    sent: JSON = {
        "type": "function",
        "name": name,
        "parameters": {
            "type": "object",
            "properties": {CUSTOM_INPUT: described},
            "required": [CUSTOM_INPUT],
            "additionalProperties": False,
        },
        "strict": True,
    }
    if tool.get("description") is not None:
        sent["description"] = tool["description"]
    return sent


def _input_description(tool: JSON, context: ResponsesContext) -> str:
    text = "The whole input of the tool, as free text."
    form = tool.get("format")
    if not isinstance(form, dict) or form.get("type") != "grammar":
        return text
    context.note(
        "converted",
        "tools.format",
        "the grammar of a custom tool is sent as a description: Baseten does not enforce it",
    )
    return f"{text} It must match this {form.get('syntax')} grammar:\n{form.get('definition')}"


def _shorten(body: JSON, choice: JSON, context: ResponsesContext) -> JSON:
    tools, allowed = body.get("tools"), choice.get("tools")
    if not isinstance(tools, list) or not isinstance(allowed, list):
        return body  # the server's to refuse
    kept = [tool for tool in tools if any(_is_same(tool, one) for one in allowed)]
    if not kept:
        context.refusals.append(
            Refusal(
                "tool_choice",
                "tool_choice allowed_tools",
                "tool_choice allows none of the tools that are sent",
                "name tools of tools=, or use 'none'",
            )
        )
        return body
    mode = choice.get("mode", "auto")
    message = f"tool_choice allowed_tools is sent as the shorter list of tools and {mode!r}"
    context.note("converted", "tool_choice", message)
    return {**body, "tools": kept, "tool_choice": mode}


def _is_same(tool: Any, allowed: Any) -> bool:
    if not isinstance(tool, dict) or not isinstance(allowed, dict):
        return False
    names = ("name", "server_label")
    return tool.get("type", "function") == allowed.get("type", "function") and all(
        tool.get(name) == allowed.get(name) for name in names if allowed.get(name) is not None
    )


def _choice(choice: Any, context: ResponsesContext) -> Any:
    kind = choice.get("type", "function") if isinstance(choice, dict) else None
    if kind is None or kind == "allowed_tools":
        return choice
    if kind in {"function", "custom"}:
        name, namespace = str(choice.get("name")), choice.get("namespace")
        sent = function_name(namespace if isinstance(namespace, str) else None, name)
        made = {"type": "function", "name": sent}
        return choice if made == choice else made
    context.refusals.append(
        Refusal(
            "tool_choice",
            f"tool_choice {kind}",
            f"tool_choice names the hosted tool {kind!r}: Baseten's models call functions only",
            "use 'auto', 'required', 'none' or a function tool",
            otherwise="sent as 'auto'",
        )
    )
    return "auto"


def as_function_call(item: JSON) -> JSON:
    """Return a custom or namespaced call of an earlier answer as the function call that it was."""
    kind = item.get("type")
    if kind == "custom_tool_call":
        arguments = json.dumps({CUSTOM_INPUT: item.get("input")}, ensure_ascii=False, default=str)
        item = {**without(item, CUSTOM_INPUT), "type": "function_call", "arguments": arguments}
    elif kind == "custom_tool_call_output":
        return {**item, "type": "function_call_output"}
    if isinstance(item.get("namespace"), str):
        name = function_name(item["namespace"], str(item.get("name")))
        item = {**without(item, "namespace"), "name": name}
    return item


def restore(item: JSON, given_tools: dict[str, GivenTool]) -> JSON:
    """Return a function call in the form of the tool that the user described."""
    tool = given_tools.get(str(item.get("name"))) if item.get("type") == "function_call" else None
    if tool is None:
        return item
    restored = {**item, "name": tool.name}
    if tool.namespace:
        restored["namespace"] = tool.namespace
    if tool.kind == "custom":
        arguments = restored.pop("arguments", "")
        restored["type"] = "custom_tool_call"
        restored["input"] = custom_input(arguments)
        restored["id"] = custom_id(item.get("id"))
    return restored


def custom_id(given: Any) -> Any:
    """Return the id of a custom call's item: OpenAI's begin with ``ctc_``."""
    return f"ctc_{given[3:]}" if isinstance(given, str) and given.startswith("fc_") else given


def custom_input(arguments: Any) -> str:
    """Return the text that a custom tool is called with; the arguments as they came, if they are none."""
    try:
        read = json.loads(arguments)
    except (TypeError, ValueError, RecursionError):
        return str(arguments or "")
    text = read.get(CUSTOM_INPUT) if isinstance(read, dict) else None
    return text if isinstance(text, str) else str(arguments)
