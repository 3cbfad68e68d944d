"""The catalogue of models: data, names, the live list, and how models are displayed.

Door: ``catalog.Catalog``, ``catalog.Model``. The data is ``catalog.json``, each fact with source and date.
No ``openai`` and no network.
"""
