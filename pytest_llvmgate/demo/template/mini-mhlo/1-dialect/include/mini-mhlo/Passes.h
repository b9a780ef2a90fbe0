// SPDX-License-Identifier: Apache-2.0

#ifndef MINI_MHLO_PASSES_H
#define MINI_MHLO_PASSES_H

namespace mhlo {

/// Registers --mhlo-legalize-to-arith.
void registerMhloPasses();

} // namespace mhlo

#endif // MINI_MHLO_PASSES_H
