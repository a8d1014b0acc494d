// The score of a text for a query (query.md S10.4), one term at a time. Whoever scores adds up the
// terms in ascending order, so that all of them get the same bits.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace omnigraph::index {

/// Of all texts of a property in one snapshot.
struct Bm25Corpus {
  std::uint64_t documents_count = 0;
  std::uint64_t terms_count = 0;  ///< With repetitions.

  double average_length() const {
    return static_cast<double>(terms_count) /
           static_cast<double>(std::max<std::uint64_t>(1, documents_count));
  }
};

inline constexpr double kBm25K1 = 1.2;
inline constexpr double kBm25B = 0.75;

/// What a term contributes apart from the text: its rarity. `documents_with` hold the term.
inline double Bm25Weight(const Bm25Corpus& corpus, std::uint64_t documents_with) {
  const auto total = static_cast<double>(corpus.documents_count);
  const auto n = static_cast<double>(documents_with);
  return std::log(1 + (total - n + 0.5) / (n + 0.5)) * (kBm25K1 + 1);
}

/// What the length of a text, in terms, does to its score.
inline double Bm25LengthNorm(std::uint32_t length, double average_length) {
  return kBm25K1 * (1 - kBm25B + kBm25B * (static_cast<double>(length) / average_length));
}

inline double Bm25Score(double weight, std::uint32_t frequency, double length_norm) {
  const auto times = static_cast<double>(frequency);
  return weight * times / (times + length_norm);
}

}  // namespace omnigraph::index
