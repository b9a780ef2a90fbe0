import os

import lit.formats

config.name = "LLVM"
config.test_format = lit.formats.ShTest(True)
config.suffixes = {".ll"}
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join([config.llvm_tools_dir, config.environment["PATH"]])
