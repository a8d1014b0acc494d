// The stable codes of schema changes (S15): what they mean and how dangerous they are.

#pragma once

#include <span>
#include <string_view>

namespace omnigraph::schema {

enum class ChangeTier : unsigned char {
  kSafe,         ///< Cannot lose data and cannot fail on it.
  kValidated,    ///< Goes through if the rows allow it.
  kDestructive,  ///< Loses data or cannot be done in place. Always an error by default.
};

/// "safe", "validated" or "destructive".
std::string_view ChangeTierName(ChangeTier tier);

struct LintCode {
  std::string_view code;  ///< "OG-MF-106": family of two letters, three digits.
  ChangeTier tier;
  std::string_view meaning;
};

inline constexpr std::string_view kCodeRequiredAdded = "OG-MF-103";
inline constexpr std::string_view kCodeMadeRequired = "OG-MF-104";
inline constexpr std::string_view kCodeTypeChanged = "OG-MF-106";

/// All codes, ascending.
std::span<const LintCode> LintCodes();

/// The code with that exact spelling, or null.
const LintCode* FindLintCode(std::string_view code);

}  // namespace omnigraph::schema
