"""``baseten-openai check``: find SDK calls in source code, and say what would happen to each.

Door: ``findings.check_source``. Reads source with ``ast``; never imports or runs it.
"""
