"""``patch()`` and ``unpatch()``: stock ``openai`` clients talk to Baseten, reversibly.

Doors: ``control`` (``patch``, ``unpatch``, ``patched``, ``is_patched``, ``patch_status``) and ``status``
(``PatchStatus``). ``new_clients`` decides what a new stock client becomes, ``state`` holds the settings in
force, ``patched_method`` wraps one method. What happens on a call belongs in ``sdk.hooks``, not here.
"""
