"""The check of a request with a memory decides as the check without one, in any order of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from depth import AT_RANDOM, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from baseten_openai import ConfigurationError, Settings
from baseten_openai.credentials.outgoing import CheckedRequests, check_request
from baseten_openai.errors import http_library

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "abcd1234.of-baseten"
OTHER_KEY = "abcd1234.another"
OWN = Settings(api_key=KEY, base_url="https://gateway.test:8443/v1")
KNOWN = (OWN, Settings(api_key=OTHER_KEY))
URLS = (
    "https://inference.baseten.co/v1/chat/completions",
    "https://inference.baseten.co/v1/models",
    "http://inference.baseten.co/v1/models",
    "https://model-abcd1234.api.baseten.co/v1",
    "https://gateway.test:8443/v1",
    "https://gateway.test/v1",
    "http://127.0.0.1:5000/v1",
    "https://evil.test/v1",
)
OWN_URLS = (*URLS[:5],)
"""Baseten's hosts and the configured one; other loopback servers may have the key and need not."""
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": f"Bearer {KEY}"},
    {"Authorization": f"Bearer {OTHER_KEY}"},
    {"Authorization": "Bearer sk-of-openai"},
    {"Authorization": "Bearer of-somebody-else"},
    {"X-Auth": KEY},
)
requests = st.tuples(st.sampled_from(URLS), st.sampled_from(HEADERS), st.booleans())


def is_refused(check: Callable[..., None], *args: Any, **keywords: Any) -> bool:
    try:
        check(*args, **keywords)
    except ConfigurationError:
        return True
    return False


@settings(max_examples=examples(200), deadline=None, derandomize=not AT_RANDOM)
@given(st.lists(requests, max_size=8))
def test_what_was_verified_changes_no_later_verdict(
    made: list[tuple[str, dict[str, str], bool]],
) -> None:
    http = http_library()
    remembering = CheckedRequests(OWN)
    with http.Client(trust_env=False) as client:
        for url, headers, bound in made:
            sent = (http.URL(url), http.Headers(headers))
            is_foreign = headers == {"Authorization": "Bearer sk-of-openai"}
            may_have = http.Headers({"Authorization": f"Bearer {KEY}"})
            own = not is_refused(check_request, sent[0], may_have, OWN, bound=bound, known=KNOWN)
            replaced = is_foreign and own and (bound or url in OWN_URLS)
            expected = not replaced and is_refused(
                check_request, *sent, OWN, bound=bound, known=KNOWN
            )
            assert expected == is_refused(
                remembering.check, *sent, bound=bound, known=KNOWN, http_client=client
            )
            assert (sent[1] == may_have) is (replaced or http.Headers(headers) == may_have)


def test_keys_that_go_to_baseten_are_registered_once_and_others_never() -> None:
    http = http_library()
    registered: list[str] = []
    remembering = CheckedRequests(OWN)
    with http.Client(trust_env=False) as client:
        for url in (URLS[0], URLS[1], "http://127.0.0.1:5000/v1", "https://other.test/v1"):
            key = "abcd1234.own" if "baseten" in url else "of-another-service"
            remembering.check(
                http.URL(url),
                http.Headers({"Authorization": f"Bearer {key}"}),
                bound=False,
                http_client=client,
                register_key=registered.append,
            )
    assert registered == ["abcd1234.own"]
