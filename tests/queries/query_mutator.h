// Damaged query texts and random arguments, each a function of a seed.

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "query/ast.h"

namespace omnigraph::queries {

class QueryMutator {
 public:
  /// `corpus` holds texts of whole files; it has to outlive the mutator.
  QueryMutator(std::uint64_t seed, const std::vector<std::string>& corpus)
      : random_(seed), corpus_(corpus) {}

  /// A text of the corpus with up to seven damages: bytes, pieces of the language, splices with
  /// other texts, words in the place of others. Now and then none.
  std::string Text();

  /// A JSON object with a value for each of `parameters`, mostly of its type, often at its edge,
  /// sometimes of another type, missing, or not JSON at all.
  std::string Arguments(const std::vector<query::ast::Parameter>& parameters);

 private:
  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(random_()) % limit; }
  bool OneIn(std::size_t count) { return Below(count) == 0; }
  const std::string& Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }
  void Damage(std::string& text);
  void SwapWord(std::string& text);
  std::string Value(const query::ast::ParameterType& type);

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
};

}  // namespace omnigraph::queries
