"""The unattended roll: from the pin to the newest LLVM that passes, as a branch and a text for its pull request."""
