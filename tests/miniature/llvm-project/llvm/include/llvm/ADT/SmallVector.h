#ifndef LLVM_ADT_SMALLVECTOR_H
#define LLVM_ADT_SMALLVECTOR_H

#include <cstddef>
#include <cstdlib>
#include <initializer_list>
#include <new>

namespace llvm {

/// What all SmallVectors of an element type have in common.
template <typename T> class SmallVectorImpl {
public:
  SmallVectorImpl() = default;
  SmallVectorImpl(const SmallVectorImpl &other) { append(other.begin(), other.end()); }
  SmallVectorImpl &operator=(const SmallVectorImpl &other) {
    if (this != &other) {
      clear();
      append(other.begin(), other.end());
    }
    return *this;
  }
  ~SmallVectorImpl() {
    clear();
    std::free(Elements);
  }

  size_t size() const { return Size; }
  bool empty() const { return Size == 0; }
  T *data() { return Elements; }
  const T *data() const { return Elements; }
  T *begin() { return Elements; }
  T *end() { return Elements + Size; }
  const T *begin() const { return Elements; }
  const T *end() const { return Elements + Size; }
  T &operator[](size_t index) { return Elements[index]; }
  const T &operator[](size_t index) const { return Elements[index]; }
  T &back() { return Elements[Size - 1]; }

  void push_back(const T &value) {
    T copy(value); // the value may be an element
    grow(Size + 1);
    new (Elements + Size++) T(copy);
  }
  __attribute__((noinline)) void append(const T *first, const T *last) {
    for (; first != last; ++first)
      push_back(*first);
  }
  void pop_back() { Elements[--Size].~T(); }
  __attribute__((noinline)) void clear() {
    while (Size)
      pop_back();
  }

private:
  // Not inlined, for small objects and short builds.
  __attribute__((noinline)) void grow(size_t wanted) {
    if (wanted <= Capacity)
      return;
    Capacity = wanted * 2;
    T *moved = static_cast<T *>(std::malloc(Capacity * sizeof(T)));
    for (size_t i = 0; i < Size; ++i) {
      new (moved + i) T(Elements[i]);
      Elements[i].~T();
    }
    std::free(Elements);
    Elements = moved;
  }

  T *Elements = nullptr;
  size_t Size = 0;
  size_t Capacity = 0;
};

template <typename T, unsigned N = 4> class SmallVector : public SmallVectorImpl<T> {
public:
  SmallVector() = default;
  SmallVector(std::initializer_list<T> values) { this->append(values.begin(), values.end()); }
};

} // namespace llvm

#endif
