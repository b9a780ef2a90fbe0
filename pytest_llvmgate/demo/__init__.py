"""A workspace to try the gate in: a small MLIR compiler and its component, as real git repositories.

The sources are plain files under ``template/<repository>/``, one step per commit: ``<step>/`` holds the files that the
commit adds, ``<step>.patch`` what it changes in files that are there already. :mod:`.branches` says which commits and
branches they become.
"""

from pytest_llvmgate.demo.create import create_demo
from pytest_llvmgate.demo.demo_workspace import DemoWorkspace

__all__ = ["DemoWorkspace", "create_demo"]
