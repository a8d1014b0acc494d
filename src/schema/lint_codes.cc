// The registry behind schema/lint_codes.h.

#include "schema/lint_codes.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace omnigraph::schema {
namespace {

constexpr std::array<LintCode, 8> kLintCodes = {{
    {"OG-DS-101", ChangeTier::kDestructive, "drop every type of a graph"},
    {"OG-DS-102", ChangeTier::kDestructive, "drop a node type"},
    {"OG-DS-103", ChangeTier::kDestructive, "drop an edge type"},
    {"OG-DS-104", ChangeTier::kDestructive, "drop a property"},
    {"OG-DS-105", ChangeTier::kDestructive, "drop a populated vector property"},
    {kCodeRequiredAdded, ChangeTier::kValidated,
     "add a required property without a value for existing rows"},
    {kCodeMadeRequired, ChangeTier::kValidated, "make a nullable property required"},
    {kCodeTypeChanged, ChangeTier::kDestructive, "change the type of a property"},
}};

}  // namespace

std::string_view ChangeTierName(ChangeTier tier) {
  switch (tier) {
    case ChangeTier::kSafe:
      return "safe";
    case ChangeTier::kValidated:
      return "validated";
    case ChangeTier::kDestructive:
      return "destructive";
  }
  OG_CHECK(false);
}

std::span<const LintCode> LintCodes() {
  return kLintCodes;
}

const LintCode* FindLintCode(std::string_view code) {
  const auto found = std::find_if(kLintCodes.begin(), kLintCodes.end(),
                                  [code](const LintCode& entry) { return entry.code == code; });
  return found == kLintCodes.end() ? nullptr : found;
}

}  // namespace omnigraph::schema
