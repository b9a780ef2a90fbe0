#ifndef MLIR_SUPPORT_LOGICALRESULT_H
#define MLIR_SUPPORT_LOGICALRESULT_H

namespace mlir {

/// Whether something went well.
struct [[nodiscard]] LogicalResult {
  bool isSuccess;
  static LogicalResult success(bool isSuccess = true) { return {isSuccess}; }
  static LogicalResult failure(bool isFailure = true) { return {!isFailure}; }
};

inline LogicalResult success(bool isSuccess = true) { return LogicalResult::success(isSuccess); }
inline LogicalResult failure(bool isFailure = true) { return LogicalResult::failure(isFailure); }
inline bool succeeded(LogicalResult result) { return result.isSuccess; }
inline bool failed(LogicalResult result) { return !result.isSuccess; }

} // namespace mlir

#endif
