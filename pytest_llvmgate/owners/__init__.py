"""Whose file, target or symbol it is: LLVM's, a component's, the downstream's, the machine's."""
