"""Which host may receive which key. Nothing here can be configured.

Door: ``rules``. No ``openai`` client, no network.
"""
