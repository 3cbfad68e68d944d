"""The rules of chat completions: translate, check and repair. Pure functions on plain data.

Door: ``prepare.prepare`` for a request, ``repair.repair_completion`` and ``stream_repair.StreamRepair``
for an answer, ``parameters`` for the table of every parameter with its evidence. ``openai`` must not be
imported here: the room is tested without it.
"""
