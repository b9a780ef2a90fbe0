"""Logs of git, of machines that run out of something, and of logs that are stamped, cut or soiled on their way."""

# ruff: noqa: E501, RUF001  (recipes are data: one line each reads better)
from __future__ import annotations

from tests.corpus.make import Recipe
from tests.corpus.recipes_build import NO_SUPPORT, NO_SUPPORT_HLO, SHARED
from tests.corpus.recipes_compile import MEMBER, NAMESPACE, OLD_HEADERS
from tests.corpus.recipes_run import custom

GIT_INIT = "git init -q -b main . && git config user.email a@b.c && git config user.name A && git add -A && git commit -qm first"
REMOTE = (
    "git init -q --bare -b main {build}.git && git init -q -b main {build}.work && cd {build}.work && git config user.email a@b.c"
    " && git config user.name A && echo x > x && git add x && git commit -qm x && git push -q {build}.git main"
)
SUBMODULE = "git -c protocol.file.allow=always submodule add -q {build}.git externals/stablehlo && git commit -qm sub"
WRONG = "1234567890abcdef1234567890abcdef12345678"
STAMP = "sed 's/^/2026-11-22T09:41:07.1234567Z /'"
JENKINS = "sed 's/^/[2026-11-22T09:41:07.123Z] /'"
GITLAB = "sed 's/^/2026-11-22T09:41:07.123456Z 01O /'"
DOCKER = "awk '{printf \"#14 %d.%03d %s\\n\", NR/3, NR, $0}'"
GH = "sed 's/^/build (ubuntu, shared)\\tBuild quill\\t2026-11-22T09:41:07.1234567Z /'"
PROGRESS = "sed -E 's/^(\\[[0-9]+\\/[0-9]+\\].*)$/\\1\\x1b[K\\r/' | tr -d '\\n' | sed 's/FAILED/\\nFAILED/g'"


def memory(limit: int) -> str:
    return f"ulimit -v {limit}; cmake --build {{build}} --target QuillTransforms -- -k 0"


RECIPES = (
    # git
    Recipe(name="git-not-our-ref", prepare=(GIT_INIT, REMOTE), steps=(f"cd {{source}} && git fetch file://{{build}}.git {WRONG}",)),
    Recipe(name="git-submodule-unreachable", prepare=(GIT_INIT, REMOTE, SUBMODULE, f"git update-index --cacheinfo 160000,{WRONG},externals/stablehlo && git commit -qm pin"), steps=("cd {source} && git -c protocol.file.allow=always submodule update --init --recursive",)),
    Recipe(name="git-checkout-pathspec", prepare=(GIT_INIT,), steps=("cd {source} && git checkout " + WRONG[:12],)),
    Recipe(name="git-not-a-tree", prepare=(GIT_INIT,), steps=("cd {source} && git checkout " + WRONG,)),
    Recipe(name="git-no-host", prepare=(GIT_INIT,), steps=("cd {source} && git clone https://no-such-host.invalid/llvm/llvm-project.git",)),
    Recipe(name="git-branch-gone", prepare=(GIT_INIT, REMOTE), steps=("cd {source} && git clone --branch greencommit/2023-01-01-abc {build}.git x",)),
    Recipe(name="git-patch-failed", prepare=(GIT_INIT,), edits={"patches/llvm.patch": "--- a/lib/Support/Shapes.cpp\n+++ b/lib/Support/Shapes.cpp\n@@ -1,3 +1,4 @@\n #include \"Quill/Support/Other.h\"\n \n+// patched\n namespace other {\n"}, steps=("cd {source} && git apply patches/llvm.patch",)),
    # the machine
    Recipe(name="memory-limit-gcc", llvm="22", steps=("configure", memory(300_000))),
    Recipe(name="memory-limit-clang", llvm="22", compiler="clang++-19", steps=("configure", memory(330_000))),
    Recipe(name="killed-cc1plus", llvm="22", targets=("QuillTransforms", "QuillDialect"), edits={"fake/cc1plus": "#!/bin/sh\nkill -9 $$\n"}, prepare=("chmod +x fake/cc1plus && sed -i 's,add_library(QuillTransforms Lower.cpp),&\\ntarget_compile_options(QuillTransforms PRIVATE -B${CMAKE_SOURCE_DIR}/fake/),' lib/Transforms/CMakeLists.txt",), env={"CCACHE_DISABLE": "1"}),
    Recipe(name="disk-full", steps=("configure", "mkdir -p {build}/small && mount -t tmpfs -o size=24k tmpfs {build}/small && cd {build} && for f in Support Conversion; do mkdir -p small/lib/$f; done; mv lib lib.old; cp -r lib.old/. small/lib 2>/dev/null; ln -s small/lib lib; TMPDIR={build}/small cmake --build {build} -- -k 0; s=$?; umount {build}/small; exit $s")),
    Recipe(name="compiler-crash-clang", compiler="clang++-19", edits={"lib/Conversion/Convert.cpp": ("namespace quill {\nnamespace conversion {", "#pragma clang __debug crash\nnamespace quill {\nnamespace conversion {")}, env={"CCACHE_DISABLE": "1"}),
    Recipe(name="interrupted", llvm="22", env={"CCACHE_DISABLE": "1"}, steps=("configure", "timeout -s INT 6 ninja -C {build} quill-opt")),
    # on the way
    Recipe(name="stamped-github", llvm="22", targets=("QuillTransforms",), edits=MEMBER, after=STAMP, keep="all"),
    Recipe(name="stamped-gh-cli", edits={**NO_SUPPORT, **NO_SUPPORT_HLO}, cmake=SHARED, after=GH, keep="all"),
    Recipe(name="stamped-jenkins", llvm="22", targets=("QuillTransforms",), edits=OLD_HEADERS, after=JENKINS),
    Recipe(name="stamped-gitlab", steps=("configure",), edits={"lib/Conversion/CMakeLists.txt": "add_library(QuillConversion Convert.cpp)\nadd_dependencies(QuillConversion MLIRMeshIncGen)\n"}, after=GITLAB),
    Recipe(name="stamped-docker", llvm="22", targets=("QuillTransforms",), edits=NAMESPACE, after=DOCKER),
    Recipe(name="coloured", llvm="22", compiler="clang++-19", targets=("QuillTransforms",), edits=MEMBER, cmake=("-DCMAKE_COLOR_DIAGNOSTICS=ON",), env={"CLICOLOR_FORCE": "1"}),
    Recipe(name="coloured-gcc-stamped", llvm="22", targets=("QuillTransforms",), edits=NAMESPACE, cmake=("-DCMAKE_COLOR_DIAGNOSTICS=ON",), env={"CLICOLOR_FORCE": "1"}, after=STAMP),
    Recipe(name="windows-ends", edits={**NO_SUPPORT}, cmake=SHARED, after="sed 's/$/\\r/'"),
    Recipe(name="utf16", steps=("configure",), edits={"lib/Support/CMakeLists.txt": "add_library(QuillSupport Shapes.cpp Gone.cpp)\n"}, after="iconv -f UTF-8 -t UTF-16"),
    Recipe(name="quotes-german", llvm="22", targets=("QuillTransforms",), edits=MEMBER, after="sed 's/‘/„/g; s/’/“/g'"),
    Recipe(name="cut-at-the-end", llvm="22", targets=("QuillTransforms",), edits=OLD_HEADERS, after="head -c 1800"),
    Recipe(name="cut-at-the-start", llvm="22", targets=("QuillTransforms",), edits=MEMBER, after="tail -n 24"),
    Recipe(name="binary-dirt", llvm="22", targets=("QuillTransforms",), edits=NAMESPACE, after="sed '2s/^/\\x00\\x00\\xff\\xfe\\x80/; 5s/$/\\x00\\xc3\\x28/'"),
    Recipe(name="interleaved-make", llvm="22", generator="Unix Makefiles", targets=("QuillTransforms", "QuillConversion"), edits={**OLD_HEADERS, "lib/Conversion/Convert.cpp": ("support::countElements(shape)", "support::countExtents(shape)")}, env={"MAKEFLAGS": "-j3"}),
    Recipe(name="many-steps", llvm="22", keep="all", edits={**MEMBER, **custom("sh -c \"echo warning: slow; touch table.inc\"")}, targets=("QuillSupport", "QuillTransforms")),
)  # fmt: skip
