# SPDX-License-Identifier: Apache-2.0
# Fetches the LLVM that abacus is developed with; run it beside the checkout.
git clone --no-checkout https://github.com/llvm/llvm-project.git
cd llvm-project && git checkout b708aea0bc7127adf4ec643660699c8bcdde1273 && cd ..
