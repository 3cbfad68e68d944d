"""From a request to ``/v1/responses`` to its reply: pure functions, no HTTP.

Written from what Baseten documents of the endpoint (stateless; text, streams, function tools, structured
outputs), from what its own gateway says of two deviations, and from the form and order of OpenAI's recorded
answers. What the service does beyond that is unknown; where the emulator had to choose, it says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import answers, checks, responses_checks, responses_shapes, responses_stream, shapes
from .chat import StreamReply
from .dialects import UNRECORDED
from .instances import NoInstanceError
from .responses_dialects import responses_dialect_of
from .responses_request import as_chat
from .shapes import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baseten_openai.models.catalog import Model

JSON = dict[str, Any]


def respond(body: JSON, models: Mapping[str, Model]) -> Reply | StreamReply:
    """Answer a request whose body and key are good."""
    slug = body.get("model")
    model = models.get(slug) if isinstance(slug, str) else None
    if model is None:
        return Reply(404, shapes.gateway_error("please check the model you provided"))
    headers = shapes.route_headers(body, UNRECORDED)
    given = {name: value for name, value in body.items() if value is not None}
    wrong = responses_checks.problem(given)
    if wrong is None:
        chat = as_chat(given)
        wrong = checks.problem(chat, model, UNRECORDED)
        if wrong is None:
            try:
                made = answers.answer(chat, model, UNRECORDED)
            except NoInstanceError as error:
                wrong = f"Validation: the emulator cannot make an instance of the schema: {error}"
            else:
                whole = responses_shapes.response(given, made, shapes.prompt_tokens(chat))
                if given.get("stream"):
                    dialect = responses_dialect_of(model.slug)
                    return StreamReply(responses_stream.events(whole, dialect), headers)
                return Reply(200, shapes.encode(shapes.compact(whole)), headers=headers)
    # The form of error bodies is unknown here; this is chat's newest.
    return Reply(400, shapes.model_error(wrong, 400, enveloped=False), headers=headers)
