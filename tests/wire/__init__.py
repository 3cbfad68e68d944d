"""Replays of ``cassettes/``: what goes over the wire, and what user code gets of the answer."""
