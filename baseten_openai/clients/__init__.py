"""``OpenAI`` and ``AsyncOpenAI``, subclasses of the SDK's clients, and ``bind()`` for existing clients.

Doors: ``classes.OpenAI``, ``classes.AsyncOpenAI``, ``bound.bind``, ``options.Options`` and ``live_catalog``.
Nothing here changes the SDK's own classes; ``patching`` does. What happens on a call belongs in ``sdk.hooks``.
"""
