"""``patch()`` and ``unpatch()``: stock ``openai`` clients talk to Baseten, reversibly.

Door: ``control`` (``patch``, ``unpatch``, ``patched``, ``is_patched``, ``patch_status``). Not here: what
happens on a call (``sdk.hooks``).
"""
