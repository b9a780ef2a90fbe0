// SPDX-License-Identifier: Apache-2.0

#ifndef ABACUS_CONVERSIONS_H
#define ABACUS_CONVERSIONS_H

namespace abacus {

/// Registers --convert-abacus-to-arith.
void registerAbacusToArith();

} // namespace abacus

#endif // ABACUS_CONVERSIONS_H
