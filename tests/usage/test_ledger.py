"""``track()``: what belongs to a block, in tasks, threads and pools, and how streams are counted."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from client_factories import EACH_FACTORY, SYNC_AND_ASYNC, settled, stock, subclass
from raw_server import Answer, running
from wire_shapes import DONE, MODEL, USAGE, chunk, event, says

import baseten_openai
from baseten_openai import Catalog, Model, track
from baseten_openai.models.catalog import Price
from baseten_openai.usage import recorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from baseten_openai.emulator import EmulatorServer

    Ask = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.anyio
ASKED: Any = {"model": "glm-4.7", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(autouse=True)
def _threads_are_as_they_were() -> Any:
    before = threading.Thread.start, concurrent.futures.ThreadPoolExecutor.submit
    yield
    assert (threading.Thread.start, concurrent.futures.ThreadPoolExecutor.submit) == before
    assert recorder.open_tallies is None


@EACH_FACTORY
@SYNC_AND_ASYNC
async def test_only_the_block_is_counted(
    make: Any, is_async: bool, ask: Ask, emulated: EmulatorServer
) -> None:
    del emulated
    client = make(is_async=is_async)
    await ask(client, model="glm-4.7")
    with track() as ledger:
        answers = [await ask(client, model=name) for name in ("glm-4.7", "GLM 4.7", "gpt-oss-120b")]
    await ask(client, model="glm-4.7")
    assert ledger.calls == 3
    assert {use.named: use.calls for use in ledger.models} == {
        "glm-4.7": 1, "GLM 4.7": 1, "gpt-oss-120b": 1,
    }  # fmt: skip
    assert ledger.tokens.input == sum(answer.usage.prompt_tokens for answer in answers)
    assert ledger.tokens.output == sum(answer.usage.completion_tokens for answer in answers)
    # GLM 4.7: 0.60 in, 2.20 out; gpt-oss-120b: 0.10 in, 0.50 out (evidence.md#specification)
    glm, gpt_oss = Price(Decimal("0.60"), Decimal("2.20")), Price(Decimal("0.10"), Decimal("0.50"))
    prices = (glm, glm, gpt_oss)
    paid = zip(answers, prices, strict=True)
    assert ledger.cost == sum(expected_cost(answer.usage, price) for answer, price in paid)
    assert baseten_openai.report().calls == 5
    assert "3 calls" in repr(ledger)


def test_blocks_in_blocks(emulated: EmulatorServer) -> None:
    del emulated
    with subclass(is_async=False) as client, track() as outer:
        client.chat.completions.create(**ASKED)
        with track() as inner:
            client.chat.completions.create(**ASKED)
        client.chat.completions.create(**ASKED)
    assert (outer.calls, inner.calls) == (3, 1)


async def test_tasks_do_not_see_each_other(emulated: EmulatorServer) -> None:
    del emulated
    client = subclass(is_async=True)

    async def work(number: int) -> int:
        with track() as ledger:
            for _ in range(number):
                await client.chat.completions.create(**ASKED)
            await asyncio.gather(*(client.chat.completions.create(**ASKED) for _ in range(2)))
        return ledger.calls

    with track() as all_of_it:
        assert await asyncio.gather(*map(work, range(1, 5))) == [3, 4, 5, 6]
    assert all_of_it.calls == 18


def test_threads_do_not_see_each_other(emulated: EmulatorServer) -> None:
    del emulated
    found: dict[int, int] = {}

    def work(number: int, client: Any) -> None:
        with track() as ledger:
            for _ in range(number):
                client.chat.completions.create(**ASKED)
            inner = threading.Thread(target=client.chat.completions.create, kwargs=ASKED)
            inner.start()
            inner.join()
        found[number] = ledger.calls

    with subclass(is_async=False) as client, track() as all_of_it:
        threads = [threading.Thread(target=work, args=(n, client)) for n in range(1, 6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {n: n + 1 for n in range(1, 6)}
    assert all_of_it.calls == sum(found.values())


def test_a_pool_may_be_older_than_the_block_and_serve_two(emulated: EmulatorServer) -> None:
    del emulated

    def ask(client: Any) -> None:
        client.chat.completions.create(**ASKED)

    with (
        subclass(is_async=False) as client,
        concurrent.futures.ThreadPoolExecutor(2) as pool,
    ):
        list(pool.map(ask, [client] * 3))
        with track() as first:
            list(pool.map(ask, [client] * 4))
        with track() as second:
            list(pool.map(ask, [client] * 5))
        list(pool.map(ask, [client]))
    assert (first.calls, second.calls) == (4, 5)


def test_a_thread_that_outlives_the_block_is_not_counted_any_more(emulated: EmulatorServer) -> None:
    del emulated
    go_on, counted = threading.Event(), threading.Event()

    def work() -> None:
        client.chat.completions.create(**ASKED)
        counted.set()
        go_on.wait(20)
        client.chat.completions.create(**ASKED)

    with subclass(is_async=False) as client:
        with track() as ledger:
            thread = threading.Thread(target=work)
            thread.start()
            assert counted.wait(20)
        go_on.set()
        thread.join()
    assert ledger.calls == 1


async def test_a_block_that_ends_in_another_context(emulated: EmulatorServer) -> None:
    """As a framework's dependency that yields does."""
    del emulated
    client = subclass(is_async=True)

    async def dependency() -> Any:
        with track() as ledger:
            yield ledger

    generator = dependency()
    ledger = await asyncio.create_task(anext(generator))
    with pytest.raises(StopAsyncIteration):
        await asyncio.create_task(anext(generator))
    await client.chat.completions.create(**ASKED)
    assert ledger.calls == 0


HI, STOP = {"content": "Hi"}, {"content": ""}
BEFORE = {**USAGE, "completion_tokens": 1, "total_tokens": 11}
STREAMS = {
    "early": [says(HI, usage=USAGE), says(STOP, finish_reason="stop")],
    "on every chunk": [
        says(HI, usage=BEFORE), says(STOP, usage=USAGE, finish_reason="stop"), chunk(usage=USAGE),
    ],
    "late": [says(HI), says(STOP, finish_reason="stop"), chunk(usage=USAGE)],
    "never": [says(HI), says(STOP, finish_reason="stop")],
}  # fmt: skip


@SYNC_AND_ASYNC
@pytest.mark.parametrize("asked", [{}, {"stream_options": {"include_usage": True}}])
@pytest.mark.parametrize("when", STREAMS)
async def test_a_stream_is_counted_once(
    when: str, asked: Any, is_async: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASETEN_API_KEY", "abcd1234.of-baseten")
    with running() as server:
        server.prepare(Answer((*map(event, STREAMS[when]), DONE)))
        client = subclass(is_async=is_async, base_url=server.base_url)
        with track() as ledger:
            stream = await settled(
                client.chat.completions.create(
                    model=MODEL, messages=ASKED["messages"], stream=True, **asked
                )
            )
        # read after the block, it still belongs to it
        assert [c async for c in stream] if is_async else list(stream)
        await settled(client.close())
    (use,) = ledger.models
    assert (use.calls, use.streams, use.failed) == (1, 1, 0)
    never = when == "never"
    assert use.without_usage == never
    expected = (0, 0) if never else (USAGE["prompt_tokens"], USAGE["completion_tokens"])
    assert (use.tokens.input, use.tokens.output) == expected


def test_prices_of_a_catalogue_of_ones_own(emulated: EmulatorServer) -> None:
    del emulated
    own = Model("zai-org/GLM-4.7", price=Price(Decimal(1000), Decimal(2000)))
    with subclass(is_async=False) as client, track(catalog=Catalog([own])) as ledger:
        usage = client.chat.completions.create(**ASKED).usage
    assert usage is not None
    expected = Decimal(usage.prompt_tokens * 1000 + usage.completion_tokens * 2000) / 1_000_000
    assert ledger.cost_at_most == expected


def test_as_a_table_of_pandas(emulated: EmulatorServer) -> None:
    del emulated
    pandas = pytest.importorskip("pandas")
    only_glm = Catalog(
        [model for model in baseten_openai.catalog.values() if model.name == "GLM 4.7"]
    )
    with subclass(is_async=False) as client, track(catalog=only_glm) as ledger:
        client.chat.completions.create(**ASKED)
        client.chat.completions.create(**{**ASKED, "model": "gpt-oss-120b"})
    frame = ledger.to_pandas()
    assert list(frame["named"]) == ["glm-4.7", "gpt-oss-120b"]
    assert frame["calls"].sum() == 2
    assert frame["cost_usd"][0] == pytest.approx(float(ledger.models[0].cost.total or 0))
    assert pandas.isna(frame["cost_usd"][1])  # unknown, not free
    assert frame["input_tokens"][0] == ledger.models[0].tokens.input


def test_without_pandas_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with track() as ledger, pytest.raises(ImportError, match="pip install pandas"):
        ledger.to_pandas()


HOUSE_PRICE = Price(Decimal(1000), Decimal(2000), Decimal(500))


def house_catalog(price: Price = HOUSE_PRICE) -> Catalog:
    return Catalog([Model("zai-org/GLM-4.7", price=price, source="our contract")])


def expected_cost(usage: Any, price: Price) -> Decimal:
    assert usage is not None
    assert not (usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens)
    assert price.input is not None
    assert price.output is not None
    total = usage.prompt_tokens * price.input + usage.completion_tokens * price.output
    return Decimal(total) / 1_000_000


def with_catalog(entry: str, catalog: Catalog, *, is_async: bool) -> Any:
    if entry == "subclass":
        return subclass(is_async=is_async, catalog=catalog)
    if entry == "bind":
        client = stock(is_async=is_async, api_key="sk-foreign-stock")
        return baseten_openai.bind(client, catalog=catalog)
    baseten_openai.patch(catalog=catalog)
    return stock(is_async=is_async)


@pytest.mark.parametrize("entry", ["subclass", "bind", "patch"])
@SYNC_AND_ASYNC
async def test_a_client_with_its_own_catalog_is_counted_at_its_prices(
    entry: str, is_async: bool, ask: Ask, emulated: EmulatorServer
) -> None:
    del emulated
    client = with_catalog(entry, house_catalog(), is_async=is_async)
    with track() as ledger:
        answer = await ask(client, model="zai-org/GLM-4.7")
    expected = expected_cost(answer.usage, HOUSE_PRICE)
    assert ledger.cost == baseten_openai.report().cost == expected
    assert baseten_openai.cost(answer).total == expected
    assert baseten_openai.cost(answer).source == "our contract"
    # GLM 4.7: 0.60 in, 2.20 out (evidence.md#specification)
    bundled = expected_cost(answer.usage, Price(Decimal("0.60"), Decimal("2.20")))
    everywhere = Catalog.bundled()
    assert baseten_openai.cost(answer, catalog=everywhere).total == bundled
    assert baseten_openai.report(catalog=everywhere).cost == bundled


def test_clients_with_different_prices_for_a_model_are_counted_apart(
    emulated: EmulatorServer,
) -> None:
    del emulated
    double = Price(Decimal(2000), Decimal(4000), Decimal(1000))
    asked = {**ASKED, "model": "zai-org/GLM-4.7"}
    with (
        subclass(is_async=False, catalog=house_catalog()) as one,
        subclass(is_async=False, catalog=house_catalog(double)) as other,
        subclass(is_async=False, catalog=house_catalog()) as same_price,
        track() as ledger,
    ):
        usage = one.chat.completions.create(**asked).usage
        other.chat.completions.create(**asked)
        same_price.chat.completions.create(**asked)
    assert [use.calls for use in ledger.models] == [2, 1]
    assert ledger.cost == 4 * expected_cost(usage, HOUSE_PRICE)  # 1 + 2 + 1
