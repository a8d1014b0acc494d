// Searches the texts of one property of a table through the postings of its parts.
//
// Postings hang off chunks and serve every snapshot that has the chunk; what a snapshot adds is
// which of their rows are live and newest, and with them the statistics that scores depend on. So
// a score never depends on how the rows are stored.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "index/bm25.h"
#include "index/text_match.h"
#include "index/text_postings.h"
#include "table/table.h"

namespace omnigraph::table {

class Chunk;

class TextIndex {
 public:
  using Poll = index::TextPostings::Poll;

  /// The index of a String property; what is missing is built, after which it is shared. `poll`
  /// is asked while that goes on. Errors: of `poll`, and as of opening the table.
  static Result<std::shared_ptr<const TextIndex>> Open(const Table& table,
                                                       schema::PropertyOrdinal property,
                                                       index::TextPostings::Kind kind,
                                                       const Poll& poll);

  /// Rows with their scores; rows ascending.
  struct Scores {
    std::vector<RowId> rows;
    std::vector<double> scores;
  };
  /// The scores of all rows with one of `terms`, which are distinct and ascending. Needs kTerms.
  Scores Score(std::span<const std::string> terms) const;

  /// All rows with one of the terms or, of a fuzzy query, with a form that is close enough (needs
  /// kForms), ascending.
  std::vector<RowId> Find(const index::TextMatch& match) const;

  const index::Bm25Corpus& corpus() const { return corpus_; }

 private:
  struct Part {
    std::shared_ptr<const index::TextPostings> postings;
    RowId first_row = 0;
    const RowId* row_ids = nullptr;  // If they are not contiguous.
    bool is_whole = true;            // All rows are live and stand here.
    std::vector<bool> is_current;    // By position, if not.

    RowId RowAt(std::uint32_t position) const {
      return row_ids != nullptr ? row_ids[position] : first_row + position;
    }
    bool Holds(std::uint32_t position) const { return is_whole || is_current[position]; }
  };

  TextIndex() = default;
  void AddPart(const Table& table, std::uint32_t chunk_number,
               std::shared_ptr<const index::TextPostings> postings);
  std::uint64_t CountWith(std::string_view term) const;
  void ScorePart(const Part& part, std::span<const std::string> terms,
                 std::span<const double> weights, std::vector<double>* norms, Scores* out) const;

  std::vector<Part> parts_;
  index::Bm25Corpus corpus_;
};

}  // namespace omnigraph::table
