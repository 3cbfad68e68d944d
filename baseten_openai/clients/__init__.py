"""Clients that are Baseten's from the start: subclasses of the SDK's, and ``bind()`` for one you have.

Door: ``classes.OpenAI``, ``classes.AsyncOpenAI``, ``bound.bind``. Nothing here changes the SDK's own
classes (that is ``patching``).
"""
