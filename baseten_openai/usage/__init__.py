"""Counting: what calls did, their tokens, times and cost, and how that is shown.

Door: ``recorder`` (while calls run), ``report.report``, ``costs.cost``, ``ledger.track``. How reports look
(text, HTML, figures) is here, too. Nothing here changes a request or an answer.
"""
