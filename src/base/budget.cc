// Implements base/budget.h.

#include "base/budget.h"

namespace omnigraph {

Status Budget::Exceeded(std::uint64_t wanted) const {
  return Status::Error(ErrorCode::kResourceExhausted,
                       "the request needs " + std::to_string(wanted) + ", more than the limit of " +
                           std::to_string(limit_) + " (" + std::string(name_) + ")");
}

}  // namespace omnigraph
