// Implements store/damage.h.

#include "store/damage.h"

#include <string>

namespace omnigraph::store {
namespace {

constexpr std::string_view kRemedy =
    "; restore it from a copy, and let `omnigraph repair` say what else is damaged";

}  // namespace

Status DamagedObject(std::string_view key, std::string_view what) {
  return Status::Error(ErrorCode::kCorruption, "object '" + std::string(key) + "' is damaged: " +
                                                   std::string(what) + std::string(kRemedy));
}

Status MissingIsDamage(std::string_view key, const Status& read) {
  if (read.ok() || read.code() != ErrorCode::kNotFound) return read;
  return Status::Error(ErrorCode::kCorruption,
                       "object '" + std::string(key) +
                           "' is missing: it was cleaned up meanwhile with the old commit that is "
                           "read here, or deleted by other means" +
                           std::string(kRemedy));
}

}  // namespace omnigraph::store
