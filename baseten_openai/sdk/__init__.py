"""The edge to the ``openai`` package: the only room that knows its private methods.

Door: ``hooks``, whose docstring shows the way of a call, and ``verification.verify``. Here are the hooks,
the streams, and what turns the SDK's errors into ours. Not here: rules about requests and answers, which
are pure (``chat``).
"""
