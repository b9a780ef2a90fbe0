"""Where a store between machines lies: a directory, or a web server that takes PUT. Names to bytes, no more."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.llvm.download import RefusedError, Transfer, url_parts

_TOKEN_VARIABLE: Final = "LLVMGATE_STORE_TOKEN"  # noqa: S105
"""The variable of the environment with what a store's server is to be told of who asks (RFC 6750)."""
LONGEST: Final = 4 * 3600.0
"""Seconds for one file."""
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class Directory:
    """A store in a directory, which several machines may see."""

    path: Path

    def read(self, name: str, target: Path, most: int) -> bool:
        """Put a file of at most ``most`` bytes at ``target``; False where there is none of that name.

        Raises :class:`SupplyError`.
        """
        if not (self.path / name).is_file():
            return False
        Transfer(url=(self.path / name).as_uri(), deadline=_deadline(), on_wait=lambda _: None).fetch(target, most)
        return True

    def write(self, name: str, data: bytes) -> None:
        """Have a file as a whole or not at all. Raises :class:`GateError`."""
        target = self.path / name
        try:
            write_atomically(target, data)
        except OSError as error:
            what = "is full" if error.errno in _FULL else "cannot be written"
            raise GateError(f"the store {self.path} {what}: {error.strerror}", where=str(target), hint=_KEPT) from error

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where there is none."""
        with suppress(OSError):
            return (self.path / name).stat().st_size
        return None

    def names(self) -> list[str]:
        """The names at the top. Raises :class:`GateError`."""
        try:
            return sorted(each.name for each in self.path.iterdir())
        except OSError as error:
            raise GateError(f"there is no store at {self.path}: {error.strerror}", hint="name another one") from error


@dataclass(frozen=True, kw_only=True)
class Server:
    """A store on a web server: the same by GET, HEAD and PUT."""

    url: str
    on_wait: Callable[[str], None]
    token: str = field(default="", repr=False)

    def read(self, name: str, target: Path, most: int) -> bool:
        """A torn transfer in ``target`` is taken up."""
        try:
            self._transfer(name).fetch(target, most)
        except RefusedError as error:
            if error.is_absent:
                return False
            raise self._explained(error) from error
        return True

    def write(self, name: str, data: bytes) -> None:
        """And see that it is there: servers have said yes to a torn body."""
        try:
            self._transfer(name).put(data)
        except SupplyError as error:
            raise self._explained(error) from error
        there = self.size(name)
        if there not in {len(data), -1}:
            raise GateError(f"{self.url}/{name}: {len(data)} bytes were put, and {there or 0} are there", hint=_KEPT)

    def size(self, name: str) -> int | None:
        """As the server tells; -1 where it does not."""
        try:
            return self._transfer(name).size()
        except SupplyError as error:
            raise self._explained(error) from error

    def names(self) -> list[str]:
        """HTTP lists nothing."""
        raise GateError(
            f"{self.url} cannot say what it has",
            hint="name the keys; one of a commit and flavour: llvmgate cache key SHA FLAVOUR",
        )

    def _transfer(self, name: str) -> Transfer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return Transfer(url=f"{self.url}/{name}", deadline=_deadline(), on_wait=self.on_wait, headers=headers)

    def _explained(self, error: SupplyError) -> GateError:
        code = error.code if isinstance(error, RefusedError) else 0
        return GateError(error.problems[0].message, hint=_REFUSED.get(code, f"see whether the server is up; {_KEPT}"))


StorePlace = Directory | Server
"""A store's files by their names, which have slashes in them at the most."""


def place(
    store: str, *, on_wait: Callable[[str], None] = lambda _: None, plain_http: bool = False, is_told: bool = True
) -> StorePlace:
    """The place that a user means by ``store``. Raises :class:`GateError` for a URL that is not to be trusted.

    ``is_told``: the server is told the token. Not one that a configuration names: that may come with a pull request.
    """
    parts = url_parts(store)
    if len(parts.scheme) <= 1:  # a drive's letter is no scheme
        return Directory(path=Path(store).expanduser().absolute())
    if parts.scheme == "file":
        return Directory(path=Path(parts.path))
    if parts.scheme == "https" or (parts.scheme == "http" and (plain_http or parts.hostname in _LOOPBACK)):
        token = os.environ.get(_TOKEN_VARIABLE, "") if is_told else ""
        return Server(url=store.rstrip("/"), on_wait=on_wait, token=token)
    if parts.scheme == "http":
        raise GateError(
            f"{store}: by http anybody on the way can change what comes",
            hint="use https, or say --plain-http if the whole way is yours",
        )
    raise GateError(f"{store}: expected a directory or a URL of https, found {parts.scheme}")


_KEPT: Final = "what has been put is kept, and the same command goes on from there"
_ASKED: Final = f"set {_TOKEN_VARIABLE} to what it wants to hear"
_REFUSED: Final = {
    **dict.fromkeys((301, 302, 303, 307, 308), "it leads elsewhere, and nothing is put there unasked: name that URL"),
    **dict.fromkeys((401, 403), f"the server does not take this from you: {_ASKED}, or it is only to be read"),
    **dict.fromkeys((405, 501), "this server takes no PUT: it is only to be read"),
    **dict.fromkeys((413,), "the server wants smaller files: raise its limit for a body to 32 MiB"),
    **dict.fromkeys((507,), f"the store is full: make room; {_KEPT}"),
}


def _deadline() -> float:
    return time.monotonic() + LONGEST
