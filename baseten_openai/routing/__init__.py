"""Which host serves a call, and what to use for an endpoint that Baseten does not have.

Door: ``endpoints``. Plain data in, plain data out; no ``openai``.
"""
