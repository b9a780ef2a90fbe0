#include "Quill/IR/QuillOps.h"

#include "Quill/IR/QuillDialect.cpp.inc"

void quill::QuillDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Quill/IR/QuillOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "Quill/IR/QuillOps.cpp.inc"
