// Implements history/branch_name.h.

#include "history/branch_name.h"

#include <utf8proc.h>

#include "base/strings.h"

namespace omnigraph::history {
namespace {

constexpr std::string_view kReserved = "__schema_apply_lock__";

Status Refuse(std::string_view what, std::string_view name, std::string_view why) {
  return Status::Error(ErrorCode::kInvalidArgument, "invalid " + std::string(what) + " name " +
                                                        Quoted(name) + ": " + std::string(why));
}

bool IsLetterOrDigit(utf8proc_int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return true;
    default:
      return false;
  }
}

bool HasOnlyNameCharacters(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes, left, &code_point);
    if (length <= 0) return false;
    const bool is_plain =
        code_point == '.' || code_point == '-' || code_point == '_' || code_point == '/';
    if (!is_plain && !IsLetterOrDigit(code_point)) return false;
    bytes += length;
    left -= length;
  }
  return true;
}

}  // namespace

Result<std::string> CheckName(std::string_view what, std::string_view name) {
  const std::string_view trimmed = TrimSpace(name);
  if (trimmed.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument, std::string(what) + " name cannot be empty");
  }
  if (trimmed == kReserved) {
    return Refuse(what, trimmed, "it names an internal system ref; choose another name");
  }
  if (trimmed.size() > kBranchNameBytesMax)
    return Refuse(what, trimmed, "at most 255 bytes are allowed");
  if (!HasOnlyNameCharacters(trimmed)) {
    return Refuse(what, trimmed, "only letters, digits, '.', '-', '_' and '/' are allowed");
  }
  for (const std::string_view segment : Split(trimmed, '/')) {
    if (segment.empty()) return Refuse(what, trimmed, "'/' must stand between two names");
    // Addresses lose it on their way to a server.
    if (segment == ".") return Refuse(what, trimmed, "'.' is no name");
  }
  if (trimmed.find("..") != std::string_view::npos)
    return Refuse(what, trimmed, "'..' is not allowed");
  if (trimmed.ends_with(".lock")) return Refuse(what, trimmed, "it must not end in '.lock'");
  return std::string(trimmed);
}

Result<std::string> CheckBranchName(std::string_view name) {
  return CheckName("branch", name);
}

}  // namespace omnigraph::history
