git clone -n https://github.com/llvm/llvm-project.git
# Check out a specific branch that is known to work with tinyc.
cd llvm-project && git checkout @LLVM@ && cd ..
