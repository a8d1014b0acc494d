// Decides whether a text answers a text query (query.md S10.3), without an index.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/text_analysis.h"

namespace omnigraph::index {

/// Whether two words of Unicode characters differ by at most `edits_max` insertions, deletions and
/// replacements.
bool IsWithinEdits(std::u32string_view left, std::u32string_view right, std::size_t edits_max);

/// A prepared query. Not thread-safe.
class TextMatch {
 public:
  /// True for texts that share a term with the query.
  static TextMatch AnyTerm(std::string_view query);
  /// True for texts with a word, as it stands or analysed, close to a word of the query.
  static TextMatch Fuzzy(std::string_view query, std::size_t edits);

  bool Matches(std::string_view text);

  /// The distinct terms of an AnyTerm query, ascending.
  const std::vector<std::string>& terms() const { return terms_; }
  bool is_fuzzy() const { return is_fuzzy_; }
  /// Of a fuzzy query: whether a word with this folded spelling and term is close enough.
  bool MatchesForm(std::string_view folded, std::string_view term) const;

 private:
  TextMatch() : analyzer_(std::make_unique<TextAnalyzer>()) {}

  bool MatchesWord(std::string_view word);
  bool IsClose(std::string_view word) const;

  std::unique_ptr<TextAnalyzer> analyzer_;
  bool is_fuzzy_ = false;
  std::size_t edits_ = 0;
  std::vector<std::string> terms_;                  // Of AnyTerm; ascending, distinct.
  std::vector<std::u32string> words_;               // Of Fuzzy.
  std::unordered_map<std::string, bool> verdicts_;  // By word of a text; bounded.
};

}  // namespace omnigraph::index
