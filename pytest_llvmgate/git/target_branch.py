"""Where a branch left the one that it is to be merged into: what is there was reviewed, what came since was not."""

from __future__ import annotations

import os
from contextlib import suppress

from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.ci_event import bases
from pytest_llvmgate.git.remotes import default_branch
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve


def branch_point(repository: Repository) -> str:
    """Full SHA of the commit at which HEAD left its target branch; empty where that cannot be told."""
    for name in tuple(bases(os.environ)) or filter(None, [default_branch(repository)]):
        with suppress(GateError):
            if base := repository.merge_base("HEAD", resolve(repository, name)):
                return base
    return ""
