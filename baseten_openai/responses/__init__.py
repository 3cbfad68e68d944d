"""The rules of the Responses API: translate, check, repair and remember. Pure functions on plain data.

Door: ``request.translate_request`` for a request, ``repair.repair_response`` and
``stream_repair.StreamRepair`` for an answer, ``memory`` for ``previous_response_id``, ``parameters`` for
the table of every parameter with its evidence. ``openai`` must not be imported here: the room is tested
without it.

Baseten documents ``POST /v1/responses`` as stateless. Nothing in this room was tried on the live service:
``docs/responses.md`` lists what is known and what is not.
"""
