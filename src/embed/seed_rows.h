// Embeds the texts of a file of records, one JSON object per line: the work of `omnigraph embed`.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "embed/embedder.h"

namespace omnigraph::embed {

/// Which vectors to make.
struct SeedSpec {
  struct Target {
    std::string property;             ///< Gets the vector.
    std::vector<std::string> fields;  ///< Make the text, in this order.
  };
  std::uint32_t dimension = 0;
  std::string model;  ///< As written; empty when the spec names none.
  std::map<std::string, Target, std::less<>> types;
};

/// What is done with the rows that are selected.
enum class SeedMode : unsigned char {
  kFillMissing,      ///< Embeds rows without a vector.
  kReembedSelected,  ///< Embeds every row that a selector names.
  kReembedAll,       ///< Embeds every row.
  kClean,            ///< Takes the vectors away.
};
std::string_view SeedModeName(SeedMode mode);  ///< "fill_missing".

/// `[Type:]field=value`.
struct SeedSelector {
  std::optional<std::string> type;
  std::string field;
  std::string value;
};

/// Errors: `kInvalidArgument` naming the text.
Result<SeedSelector> ParseSelector(std::string_view text);

/// Rows of one of `types` (empty: of any) that one of `selectors` names (empty: all).
struct SeedSelection {
  std::set<std::string, std::less<>> types;
  std::vector<SeedSelector> selectors;
};

struct SeedCounts {
  std::uint64_t rows = 0;  ///< Lines that are not blank.
  std::uint64_t selected = 0;
  std::uint64_t embedded = 0;
  std::uint64_t cleaned = 0;
};

/// The lines of `input` with vectors added or taken away, in order, blank ones left out. Records
/// without a `type` and those of types that the spec does not name stay as they are. `embedder` may
/// be null in mode `kClean`.
///
/// Errors: `kInvalidArgument` naming the line, counted without blank ones; as `Embedder::Embed`.
Result<std::string> EmbedRows(std::string_view input, const SeedSpec& spec,
                              const SeedSelection& selection, SeedMode mode, Embedder* embedder,
                              SeedCounts* counts);

}  // namespace omnigraph::embed
