"""``llvmgate cache``: the machine's cache of LLVM installs, and its keys for CI's own cache."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from typing import Final

from pytest_llvmgate.cli.arguments import add_json, add_project_arguments
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_subject, tell
from pytest_llvmgate.codec import to_plain
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError
from pytest_llvmgate.llvm.prefix_cache import Cache, entry_key
from pytest_llvmgate.llvm.upkeep import Item, ItemKind, faults, items, remove, to_prune
from pytest_llvmgate.wording import counted

_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SPANS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_FAULTS_SHOWN: Final = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is in it: size, last use, what each key is made of")
    add_json(listing)
    actions.add_parser("path", help="where it is")
    key = actions.add_parser("key", help="the key of a commit and flavour, e.g. for CI's cache")
    key.add_argument("sha", metavar="SHA", help="the LLVM commit, as --llvm-sha takes it")
    key.add_argument("flavour", metavar="FLAVOUR", help="a flavour of the configuration")
    key.add_argument("--parts", action="store_true", help="print what the key is made of as well")
    add_project_arguments(key)
    prune = actions.add_parser("prune", help="remove leftovers, old entries, or all beyond a size; never one in use")
    prune.add_argument("--max-size", metavar="SIZE", type=_size, help="least recently used first, e.g. 20G")
    prune.add_argument("--older-than", metavar="TIME", type=_span, help="not used for so long, e.g. 30d")
    prune.add_argument("--dry-run", action="store_true", help="only say what would go")
    for action, what in (("push", "into"), ("pull", "from")):
        sharing = actions.add_parser(action, help=f"bring entries {what} a store between machines: compared, resumed")
        sharing.add_argument("store", metavar="STORE", help="a directory, or a URL of https")
        sharing.add_argument("keys", metavar="KEY", nargs="*", help="which entries; all if none is named")
        sharing.add_argument("--plain-http", action="store_true", help="the whole way to the store's server is yours")
        if action == "push":
            sharing.add_argument("--again", action="store_true", help="send also what is there: it may be damaged")
    actions.add_parser("verify", help="whether every entry is whole and of its revision (exit code 1 if not)")


def run(arguments: argparse.Namespace) -> int:
    actions = (_list, _path, _key, _prune, _verify, _push, _pull)
    return {each.__name__[1:]: each for each in actions}[arguments.action](arguments, Cache(cache_root()))


def _path(_: argparse.Namespace, cache: Cache) -> int:
    print(cache.root)
    return EXIT_OK


def _list(arguments: argparse.Namespace, cache: Cache) -> int:
    found = items(cache)
    now = time.time()
    total = f"{counted(len(found), 'item')}, {_bytes(sum(item.size for item in found))}, {cache.root}"
    show(arguments, list(map(_data, found)), [*(line for item in found for line in _described(item, now)), total])
    return EXIT_OK


def _data(item: Item) -> dict[str, object]:
    return {name: value for name, value in to_plain(item).items() if name != "manifest"}


def _described(item: Item, now: float) -> Iterator[str]:
    marks = [item.kind.value] if item.kind.value != "entry" else []
    marks += [_bytes(item.size)]
    marks += [f"made {_ago(now - item.made)}"] if item.made else []
    marks += [f"in {item.duration:.0f} s"] if item.duration else []
    marks += ["in use"] if item.in_use else [f"used {_ago(now - item.used)}"]
    yield f"{item.key}  {', '.join(marks)}"
    for name, value in item.identity.items():
        if value:
            yield f"    {name}: {', '.join(value.splitlines())}"


def _key(arguments: argparse.Namespace, _: Cache) -> int:
    from pytest_llvmgate.gate.start import resolve_candidate
    from pytest_llvmgate.llvm.suppliers import identities
    from pytest_llvmgate.stages.build_tools import toolchain_on_path

    config = open_subject(arguments)
    revision = resolve_candidate(arguments.sha, config)
    found = identities(config, revision, arguments.flavour, toolchain_on_path)
    if not found:
        supplier = config.llvm.supplier
        why = (
            f"the supplier {supplier.value!r} has no entry for it in the cache" if supplier else "there is no supplier"
        )
        raise GateError(f"{revision.short} ({arguments.flavour}) has no key: {why}", where=str(config.path))
    print(entry_key(found[0]))
    if arguments.parts:
        print("\n".join(f"    {name}: {', '.join(value.splitlines())}" for name, value in found[0].items() if value))
    return EXIT_OK


def _prune(arguments: argparse.Namespace, cache: Cache) -> int:
    found = items(cache)
    going = to_prune(found, max_size=arguments.max_size, older_than=arguments.older_than, now=time.time())
    freed = 0
    for item in going:
        if arguments.dry_run or remove(cache, item):
            freed += item.size
            print(f"{'would remove' if arguments.dry_run else 'removed'} {item.key} ({_bytes(item.size)})")
    rest = sum(item.size for item in found) - freed
    print(f"{_bytes(freed)} {'would be freed' if arguments.dry_run else 'freed'}, {_bytes(rest)} left")
    if arguments.max_size is not None and rest > arguments.max_size:
        print("the rest is in use")
    return EXIT_OK


def _push(arguments: argparse.Namespace, cache: Cache) -> int:
    from pytest_llvmgate.llvm.store import UnfitError, push
    from pytest_llvmgate.llvm.store_places import place

    store = place(arguments.store, on_wait=tell, plain_http=arguments.plain_http)
    entries = {item.key: item for item in items(cache) if item.kind is ItemKind.ENTRY}
    if missing := [key for key in arguments.keys if key not in entries]:
        raise GateError(f"{missing[0]} is not in the cache {cache.root}", hint="llvmgate cache list says what is")
    if not entries:
        print(f"nothing to push: {cache.root} has no entry")
    for key in arguments.keys or sorted(entries):
        try:
            done = push(entries[key], store, cache.root / "downloads", again=arguments.again)
        except UnfitError as error:
            if arguments.keys:
                raise
            print(f"{key}: left out: {error.problems[0].message}")
            continue
        parts = counted(len(done.stored.parts), "part")
        how = f"{done.sent} of {parts} sent" if done.sent else "it was there"
        print(f"{key}: {_bytes(done.stored.size)}, {how}")
    return EXIT_OK


def _pull(arguments: argparse.Namespace, cache: Cache) -> int:
    from pytest_llvmgate.llvm.store import keys, pull
    from pytest_llvmgate.llvm.store_places import place

    store = place(arguments.store, on_wait=tell, plain_http=arguments.plain_http)
    code = EXIT_OK
    for key in arguments.keys or keys(store):
        entry = pull(key, store, cache, on_wait=tell)
        if entry is None:
            code = EXIT_VERDICT_NO
        how = "the store has none" if entry is None else "it was there" if entry.hit else "brought, compared equal"
        print(f"{key}: {how}")
    return code


def _verify(_: argparse.Namespace, cache: Cache) -> int:
    entries = [item for item in items(cache) if item.path.parent.name == "entries"]
    broken = {item.key: wrong for item in entries if (wrong := faults(item))}
    for key, wrong in broken.items():
        print(f"{key}: {wrong[0]}")
        print("".join(f"    {each}\n" for each in wrong[1:_FAULTS_SHOWN]), end="")
        if len(wrong) > _FAULTS_SHOWN:
            print(f"    and {len(wrong) - _FAULTS_SHOWN} more")
    print(f"{len(entries) - len(broken)} of {len(entries)} entries are whole")
    return EXIT_VERDICT_NO if broken else EXIT_OK


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a size like 20G or 500M, found {text!r}")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _span(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a time like 30d, 12h or 2w, found {text!r}")
    return float(match[1]) * _SPANS[match[2]]


def _bytes(count: int) -> str:
    for unit in ("T", "G", "M", "K"):
        if count >= _UNITS[unit]:
            return f"{count / _UNITS[unit]:.1f} {unit}iB"
    return f"{count} B"


def _ago(seconds: float) -> str:
    for unit in ("d", "h", "m"):
        if seconds >= _SPANS[unit]:
            return f"{seconds / _SPANS[unit]:.0f} {unit} ago"
    return "just now"
