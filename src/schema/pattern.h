// The pattern of a `@check`, compiled: the adapter of RE2. Patterns come from users, so matching
// takes time linear in the text and memory is bounded.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace re2 {
class RE2;
}

namespace omnigraph::schema {

/// Immutable; a copy shares the compiled form. Thread safe.
class Pattern {
 public:
  /// Errors: `kInvalidArgument` "invalid regex '…': <reason>", also for a pattern whose compiled
  /// form needs more than 8 MiB.
  static Result<Pattern> Compile(std::string_view pattern);

  /// Whether any part of `text` matches: anchor with ^ and $ to match it whole.
  bool MatchesSomewhere(std::string_view text) const;

  const std::string& text() const { return text_; }
  /// The instructions of the compiled form: what it costs to compile and to keep.
  std::size_t size() const;

 private:
  Pattern(std::string text, std::shared_ptr<const re2::RE2> compiled);
  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace omnigraph::schema
