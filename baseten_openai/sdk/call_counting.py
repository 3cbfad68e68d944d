"""Count a call, from the SDK's ``request`` until it returns or raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import internal_errors
from ..usage import recorder
from . import error_conversion

if TYPE_CHECKING:
    from types import TracebackType


class CountedCall:
    """Context manager around one call, retries included. The hooks inside find its record.

    Replaces an exception of the HTTP library that the SDK did not convert by the SDK's own.
    """

    __slots__ = ("_record", "_streamed", "_token")

    def __init__(self, record: recorder.CallRecord, *, streamed: bool) -> None:
        """Count into ``record``; a ``streamed`` response is read after the call has returned."""
        self._record, self._streamed = record, streamed

    def __enter__(self) -> None:
        """Make the record the current one."""
        self._token = recorder.current.set(self._record)

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Count how the call ended."""
        recorder.current.reset(self._token)
        if error is None:
            try:
                self._record.returned(streamed=self._streamed)
            except Exception as bug:  # noqa: BLE001  # counting must not break the call
                internal_errors.log_once("recording", bug)
            return
        known = error_conversion.connection_error(error) if isinstance(error, Exception) else error
        recorder.safely(self._record.failed, known)
        if known is not error:
            raise known from error
