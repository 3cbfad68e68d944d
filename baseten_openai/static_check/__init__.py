"""``baseten-openai check``: what a program's source code asks for, and what Baseten would say to it.

Door: ``findings.check_source``. Reads source with ``ast``; never imports or runs it.
"""
