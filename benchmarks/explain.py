"""Time and memory of a diagnosis on large logs: ``python benchmarks/explain.py [--megabytes 100]``.

Four logs are made, each of the size asked for: ``typical`` (a big build with warnings everywhere and a failing unit in
fifty), ``dense`` (nothing but failing units), ``different`` (the same, no error like another) and ``passed`` (the same
warnings, no failure). Each is diagnosed in a
process of its own, so that the peak of resident memory is that log's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

WARNING = """/home/user/p/lib/D{0}/u{1}.cpp:{2}:32: warning: 'create' is deprecated: use OpTy::create [-Wdeprecated]
  {2} |   b.create<mlir::tosa::ClampOp>(loc, value, 1, 2, 3, 4, 5);
      |   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~^~~~~~~~~~~~~~~~~~~~~
In file included from /home/user/p/lib/D{0}/u{1}.cpp:2:
/opt/llvm/include/mlir/IR/Builders.h:506:8: note: declared here
  506 |   OpTy create(Location location, Args &&...args) {{
      |        ^~~~~~
"""
ERROR = """/home/user/p/lib/D{0}/u{1}.cpp: In function 'int top{2}(mlir::OpBuilder&, mlir::Location, mlir::Value)':
/home/user/p/lib/D{0}/u{1}.cpp:{2}:5: error: 'class mlir::Value' has no member named 'gone{3}'
  {2} |   v.gone{3}<mlir::OpResult>();
      |     ^~~~~~~~
/opt/llvm/include/mlir/IR/Builders.h: In instantiation of 'OpTy create(mlir::Location, Args&& ...) [with OpTy = X{3}]':
/home/user/p/lib/D{0}/u{1}.cpp:{2}:32:   required from here
/opt/llvm/include/mlir/IR/Builders.h:509:16: error: no matching function for call to 'mlir::x::X{3}::build(int, int)'
  509 |     OpTy::build(*this, state, std::forward<Args>(args)...);
      |     ~~~~~~~~~~~^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
/opt/llvm/include/mlir/Dialect/X/X.h.inc:4513:15: note: candidate: 'static void mlir::x::X{3}::build(mlir::OpBuilder&)'
 4513 |   static void build(::mlir::OpBuilder &odsBuilder, ::mlir::OperationState &odsState, ::mlir::Type output);
      |               ^~~~~
"""


def edges(kind: str) -> Iterator[str]:
    """Endless output of edges; the caller stops at the size it wants."""
    total = 1_000_000
    for number in range(1, total):
        directory, fails = number % 40, kind in {"dense", "different"} or (kind == "typical" and number % 50 == 0)
        output = f"lib/D{directory}/CMakeFiles/D.dir/u{number}.cpp.o"
        yield f"[{number}/{total}] Building CXX object {output}\n"
        if fails:
            names = range(number * 12, number * 12 + 12) if kind == "different" else [i * 7 % 30 for i in range(12)]
            flags = "-I/home/user/p/include -isystem /opt/llvm/include -fPIC " * 6
            source = f"/home/user/p/lib/D{directory}/u{number}.cpp"
            yield f"FAILED: [code=1] {output}\n/usr/bin/c++ {flags} -o {output} -c {source}\n"
            yield from (ERROR.format(directory, number, 100 + i, name) for i, name in enumerate(names))
        else:
            yield from (WARNING.format(directory, number, 100 + i) for i in range(4))


def write(path: Path, kind: str, size: int) -> None:
    written = 0
    with path.open("w") as stream:
        for text in edges(kind):
            written += stream.write(text)
            if written >= size:
                break
        stream.write("" if kind == "passed" else "ninja: build stopped: cannot make progress due to previous errors.\n")


CHILD = """
import json, resource, sys, time
from pathlib import Path
from pytest_llvmgate.findings import diagnose
start = time.perf_counter()
d = diagnose(Path(sys.argv[1]))
print(json.dumps({"seconds": round(time.perf_counter() - start, 2),
  "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
  "cpu": round(time.process_time(), 2),
  "lines": d.lines, "errors": d.errors, "findings": len(d.findings)}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for kind in ("passed", "typical", "dense", "different"):
            path = Path(directory, f"{kind}.log")
            write(path, kind, arguments.megabytes << 20)
            done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True)
            print(f"{kind:8} {json.loads(done.stdout)}")
            path.unlink()


if __name__ == "__main__":
    main()
