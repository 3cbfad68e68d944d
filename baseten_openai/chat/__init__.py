"""The rules of chat completions: translate, check and repair. Pure functions on plain data.

Entry points: ``prepare.prepare`` for a request, ``repair.repair_completion`` and
``stream_repair.StreamRepair`` for a response, ``parameters`` for the table of all parameters with their
evidence. This package must not import ``openai`` or ``errors``, which imports it: what cannot be sent is
returned as a ``call_notes.Refusal``, and ``sdk`` raises the exception. A test runs this package where
``openai`` cannot be imported.
"""
