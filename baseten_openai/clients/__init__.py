"""``OpenAI`` and ``AsyncOpenAI``, subclasses of the SDK's clients, and ``bind()`` for existing clients.

Door: ``classes.OpenAI``, ``classes.AsyncOpenAI``, ``bound.bind``. Nothing here changes the SDK's own
classes (that is ``patching``).
"""
