// Turns texts into terms (query.md S10.2): the same for documents and queries, with and without an
// index.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sb_stemmer;

namespace omnigraph::index {

/// Analyses one text after the other. Remembers the terms of frequent words, so reuse it. Not
/// thread-safe.
class TextAnalyzer {
 public:
  TextAnalyzer();
  ~TextAnalyzer();
  TextAnalyzer(const TextAnalyzer&) = delete;
  TextAnalyzer& operator=(const TextAnalyzer&) = delete;

  /// The terms in the order of the text, with repetitions: words in lower case, stemmed, without
  /// stop words, folded to ASCII where possible.
  std::vector<std::string> Terms(std::string_view text);
  void VisitTerms(std::string_view text, const std::function<void(std::string_view)>& visit);

  /// The words in lower case and folded, neither stemmed nor stopped.
  std::vector<std::string> Words(std::string_view text);

  /// The term of one word as it stands in a text; empty for a stop word.
  const std::string& TermOf(std::string_view word);

 private:
  std::string Analyze(std::string_view word);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  sb_stemmer* stemmer_;
  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> terms_;
};

/// Calls `visit` for every maximal run of letters and digits of less than 40 bytes.
void VisitWords(std::string_view text, const std::function<void(std::string_view)>& visit);

/// Lower case, character by character.
std::string LowerCase(std::string_view word);

/// Compatibility decomposition without combining marks, and ASCII spellings of `ß æ œ ø ł đ ð þ ı`.
std::string FoldToAscii(std::string_view word);

}  // namespace omnigraph::index
