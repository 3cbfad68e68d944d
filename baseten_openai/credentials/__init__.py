"""Which host may receive which key. No setting loosens these rules.

Doors: ``hosts`` (whose host a URL names), ``base_url`` (which base URL may be configured), ``keys`` (whose key
a text is, who may receive it) and ``outgoing`` (the last check of a request). Pure functions: no ``openai``
client and no network.
"""
