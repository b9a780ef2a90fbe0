"""Files over https, http or from a disk: fetched (resumed, bounded in size and time) and put.

Who asked checks the content.
"""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.plain_file import open_plain

T = TypeVar("T")

_TRIES: Final = 4
_STALL: Final = 60.0
_LONGEST_PAUSE: Final = 30.0
"""Seconds between two tries, also where a server asks for more (RFC 9110, Retry-After)."""
_BLOCK: Final = 1 << 20
_EVERY: Final = 5.0
"""Seconds between two words on how much has come."""
_DIGITS: Final = 18
"""More than any count of bytes or seconds has."""
_SCHEMES: Final = frozenset({"https", "http"})
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes that may be others in a moment (RFC 9110, RFC 8470, RFC 6585)."""


class _NoStepDown(urllib.request.HTTPRedirectHandler):
    """Redirections are followed, but for those that leave https."""

    def redirect_request(self, req: urllib.request.Request, *answer: Any) -> urllib.request.Request | None:
        """The next request. Raises :class:`SupplyError` for one that is less secure than this one."""
        target = str(answer[-1])
        scheme = urlsplit(target).scheme
        if scheme not in _SCHEMES or (urlsplit(req.full_url).scheme == "https" and scheme != "https"):
            raise SupplyError(f"{_shown(req.full_url)} redirects to {_shown(target)}, which is not https")
        return super().redirect_request(req, *answer)


class _TryAgainError(Exception):
    """A try that came to nothing, and may come to something in ``pause`` seconds."""

    def __init__(self, problem: str, pause: float | None = None) -> None:
        super().__init__(problem)
        self.pause = pause


class RefusedError(SupplyError):
    """A server's no, which would be the same if it were asked again."""

    def __init__(self, message: str, *, hint: str, code: int) -> None:
        super().__init__(message, hint=hint)
        self.code = code

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing at that URL."""
        return self.code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def url_parts(url: str) -> SplitResult:
    """A URL's parts. Raises :class:`SupplyError` for what is none."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise SupplyError(f"expected a URL, found {url[:200]!r}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What is asked of one URL, and how long it may take."""

    url: str
    deadline: float
    """On the monotonic clock."""
    on_wait: Callable[[str], None]
    """Told, in words, what is being waited for."""
    stall: float = _STALL
    """Seconds without a byte after which a connection counts as dead."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def fetch(self, target: Path, most: int) -> None:
        """Put what the URL names at ``target``. What an earlier, torn attempt left in ``target`` is taken up.

        Of what has more than ``most`` bytes nothing is kept, and hardly more is read.
        Raises :class:`SupplyError` with the server's own answer.
        """
        scheme = url_parts(self.url).scheme
        if scheme == "file":
            _copy(self.url, target, most)
            return
        if scheme not in _SCHEMES:
            raise SupplyError(f"{_shown(self.url)}: expected a URL of https, found one of {scheme!r}")

        def receive() -> None:
            try:
                self._receive(target, most)
            except urllib.error.HTTPError as error:
                if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # what is there is of another file
                    target.unlink(missing_ok=True)
                raise

        self._persistently(receive, "fetched")

    def put(self, data: bytes) -> None:
        """Make the URL name ``data`` (RFC 9110, PUT). No redirection is followed. Raises :class:`SupplyError`."""

        def send() -> None:
            with self._open(method="PUT", data=data) as answer:
                answer.read()

        self._persistently(send, "put")

    def size(self) -> int | None:
        """Bytes that the URL has; -1 where nobody tells, None where there is nothing. Raises :class:`SupplyError`."""

        def ask() -> int:
            with self._open(method="HEAD") as answer:
                told = _number(answer.headers.get("Content-Length"))
                return -1 if told is None else told

        try:
            return self._persistently(ask, "asked for")
        except RefusedError as error:
            if error.is_absent:
                return None
            raise

    def _persistently(self, work: Callable[[], T], what: str) -> T:
        """What ``work`` says; it is tried again where the server, or the way to it, may be otherwise in a moment.

        Raises :class:`SupplyError` with the server's own answer, in which ``what`` could not be done.
        """
        _expect_no_password(self.url)
        problem = ""
        for attempt in range(_TRIES):
            try:
                return _tried(self.url, work)
            except _TryAgainError as error:
                problem = str(error)
                pause = min(2.0**attempt if error.pause is None else error.pause, _LONGEST_PAUSE)
                if attempt + 1 == _TRIES or time.monotonic() + pause > self.deadline:
                    break
                self.on_wait(f"{_shown(self.url)}: {problem}; trying again in {pause:.0f} s")
                time.sleep(pause)
        raise SupplyError(
            f"{_shown(self.url)} could not be {what}: {problem}", hint="try again, or see whether the server is up"
        )

    def _open(self, **asked: Any) -> HTTPResponse:
        request = urllib.request.Request(self.url, **asked)  # noqa: S310
        for name, value in self.headers.items():
            request.add_unredirected_header(name, value)  # who asks is told to the server that was named, and no other
        longest = max(1.0, self.deadline - time.monotonic())
        answer: HTTPResponse = urllib.request.build_opener(_NoStepDown).open(request, timeout=min(self.stall, longest))
        return answer

    def _receive(self, target: Path, most: int) -> None:
        there = target.stat().st_size if target.exists() else 0
        with self._open(headers={"Range": f"bytes={there}-"} if there else {}) as answer:
            before = there if answer.status == HTTPStatus.PARTIAL_CONTENT else 0
            told = _number(answer.headers.get("Content-Length"))
            expected = None if told is None else told + before
            if (expected or 0) > most or not self._store(answer, target, before, most):
                target.unlink(missing_ok=True)
                raise _too_much(self.url, most)
        received = target.stat().st_size
        if expected is not None and received != expected:
            raise OSError(f"expected {expected} bytes, received {received}")

    def _store(self, answer: HTTPResponse, target: Path, before: int, most: int) -> bool:
        """Put the answer behind ``before`` bytes of ``target``; False as soon as there are more than ``most``."""
        size, said = before, time.monotonic()
        with target.open("ab" if before else "wb") as sink:
            while block := answer.read1(_BLOCK):
                size += len(block)
                if size > most:
                    return False
                sink.write(block)
                now = time.monotonic()
                if now > self.deadline:
                    raise SupplyError(f"the time for this LLVM is over; {size >> 20} MiB were received, and are kept")
                if now - said > _EVERY:
                    said = now
                    self.on_wait(f"{size >> 20} MiB received")
        return True


def _expect_no_password(url: str) -> None:
    if "@" in urlsplit(url).netloc:
        raise SupplyError(
            f"{_shown(url)} was given with a user's name in front, which would be kept in files",
            hint="use a URL that needs none, or fetch the archive beforehand and name its path",
        )


def _tried(url: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # what was there is of another file
            raise _TryAgainError(f"{error.code} {error.reason}", 0.0) from None
        if error.code not in _AGAIN:
            raise RefusedError(
                f"{_shown(url)}: {error.code} {error.reason}", hint=_HINTS.get(error.code, _HINTS[0]), code=error.code
            ) from None
        raise _TryAgainError(f"{error.code} {error.reason}", _number(error.headers.get("Retry-After"))) from None
    except (OSError, HTTPException, ValueError) as error:  # the last of hosts and addresses that are none
        raise _TryAgainError(str(getattr(error, "reason", error)) or type(error).__name__) from error


_HINTS: Final = {
    0: "see whether the URL in [llvm] is right",
    401: "the server wants to know who asks: give a URL that needs no password",
    403: "the server wants to know who asks: give a URL that needs no password",
    404: "nobody has published this LLVM there: choose another candidate, or another supplier",
    410: "it was there once: choose another candidate, or another supplier",
}


def _number(header: str | None) -> int | None:
    """What a server counts; None where that is no number."""
    return int(header[:_DIGITS]) if header and header.isascii() and header.isdigit() else None


def _too_much(url: str, most: int) -> SupplyError:
    return SupplyError(f"{_shown(url)}: expected at most {most:,} bytes, found more", hint="see what lies there")


def _copy(url: str, target: Path, most: int) -> None:
    source = Path(urllib.request.url2pathname(urlsplit(url).path))
    try:
        with open_plain(source, most) as stream, target.open("wb") as sink:
            shutil.copyfileobj(stream, sink, _BLOCK)
            if sink.tell() > most:  # it grows
                raise _too_much(url, most)
    except OSError as error:
        raise SupplyError(f"expected an archive at {source}: {error.strerror}", hint=_HINTS[404]) from error


def _shown(url: str) -> str:
    """A URL without the password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
