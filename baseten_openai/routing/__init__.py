"""Which model and endpoint a request is for, and what replaces an endpoint that Baseten lacks.

Entry points: ``endpoints`` and ``model_names``. Pure functions on plain data; ``openai`` must not be
imported here.
"""
