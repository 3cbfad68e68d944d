"""A program on pipecat: a pipeline of OpenAI's model and what reads its words."""

from __future__ import annotations

import asyncio

from pipecat.frames.frames import EndFrame, Frame, LLMContextFrame, LLMTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.workers.runner import WorkerRunner


class Reader(FrameProcessor):
    """Keeps the words of the model."""

    def __init__(self, texts: list[str]) -> None:
        """Keep them in ``texts``."""
        super().__init__()
        self.texts = texts

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Keep the frame's text, and pass it on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMTextFrame):
            self.texts.append(frame.text)
        await self.push_frame(frame, direction)


def make_model() -> OpenAILLMService:
    """Name the model, as pipecat's documentation does."""
    return OpenAILLMService(settings=OpenAILLMService.Settings(model="gpt-4o-mini"))


def plain(question: str = "What is the capital of France?") -> str:
    """Ask, outside a pipeline."""

    async def ask() -> str:
        context = LLMContext([{"role": "user", "content": question}])
        return await make_model().run_inference(context)

    return asyncio.run(ask())


def stream(question: str = "What is the capital of France?") -> list[str]:
    """Ask in a pipeline, which always streams."""
    texts: list[str] = []

    async def run() -> None:
        worker = PipelineWorker(Pipeline([make_model(), Reader(texts)]))
        context = LLMContext([{"role": "user", "content": question}])
        await worker.queue_frames([LLMContextFrame(context), EndFrame()])
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        await runner.run()

    asyncio.run(run())
    return texts
