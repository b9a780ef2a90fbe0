#include "Quill/Conversion/Convert.h"

#include <cstdio>

int main() {
  std::printf("%ld\n", quill::conversion::convert({2, 3, 4}));
  return 0;
}
