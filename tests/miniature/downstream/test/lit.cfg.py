import os

import lit.formats

config.name = "TINYC"
config.test_format = lit.formats.ShTest(True)
config.suffixes = {".mlir"}
config.test_source_root = os.path.dirname(__file__)
if not config.enable_hlo:
    config.excludes = {"hlo-to-tiny.mlir"}
config.environment["PATH"] = os.pathsep.join(
    [config.tinyc_tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
