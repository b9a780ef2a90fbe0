#ifndef LLVM_SUPPORT_CASTING_H
#define LLVM_SUPPORT_CASTING_H

#include <cassert>

namespace llvm {

template <typename To, typename From> bool isa(From *value) { return value && To::classof(value); }

template <typename To, typename From> To dyn_cast(From *value) { return isa<To>(value) ? To(value) : To(nullptr); }

template <typename To, typename From> To cast(From *value) {
  assert(isa<To>(value) && "cast<Ty>() argument of incompatible type!");
  return To(value);
}

} // namespace llvm

#endif
