// The inverted index of the texts of one part of a table: which texts hold a term, and how often.
//
// A part is immutable, so its postings are built once, in memory, and serve every snapshot that has
// the part. Terms are those of index/text_analysis.h.

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"

namespace omnigraph::index {

/// A text, by its position in the part, with the number of times that it holds the term.
struct Posting {
  std::uint32_t position;
  std::uint32_t frequency;
};

class TextPostings {
 public:
  /// What the keys of the lists are.
  enum class Kind : unsigned char {
    kTerms,  ///< Analysed terms.
    /// Distinct (word in lower case and folded, its term), as `word` 0x00 `term`; the term of a
    /// stop word is empty. For searches that are close to a word.
    kForms,
  };
  /// The text at a position, or none.
  using TextAt = std::function<std::optional<std::string_view>(std::uint32_t position)>;
  /// Asked every few hundred texts; its error ends the building.
  using Poll = std::function<Status()>;

  static constexpr std::uint32_t kNoText = std::numeric_limits<std::uint32_t>::max();

  /// Cost: one analysis of every text, and a sort of its terms.
  static Result<std::shared_ptr<const TextPostings>> Build(Kind kind, std::uint32_t texts_count,
                                                           const TextAt& text_at, const Poll& poll);

  /// The texts with this key, ascending by position; empty if there are none.
  std::span<const Posting> Find(std::string_view key) const;
  void VisitKeys(
      const std::function<void(std::string_view key, std::span<const Posting>)>& visit) const;

  /// By position: terms of the text with repetitions, or kNoText.
  const std::vector<std::uint32_t>& lengths() const { return lengths_; }
  std::uint64_t documents_count() const { return documents_count_; }
  std::uint64_t terms_count() const { return terms_count_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Numbers = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;
  class Builder;

  TextPostings() = default;
  std::span<const Posting> List(std::uint32_t number) const {
    return std::span(postings_).subspan(starts_[number], starts_[number + 1] - starts_[number]);
  }

  Numbers numbers_;                    // Of the keys.
  std::vector<std::uint64_t> starts_;  // By number, one more: where its list starts.
  std::vector<Posting> postings_;
  std::vector<std::uint32_t> lengths_;
  std::uint64_t documents_count_ = 0;
  std::uint64_t terms_count_ = 0;
};

}  // namespace omnigraph::index
