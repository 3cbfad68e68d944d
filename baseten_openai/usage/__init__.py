"""Count calls, tokens, times and cost, and show them as text, HTML and figures.

Door: ``recorder`` (while calls run), ``report.report``, ``costs.cost``, ``ledger.track``. How reports look
(text, HTML, figures) is here, too. Nothing here changes a request or an answer.
"""
