// Implements table/text_index.h.

#include "table/text_index.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "table/rows.h"

namespace omnigraph::table {
namespace {

// Whether no row of a contiguous chunk is dead or has a newer place.
bool IsWhole(const Table::Rows& rows, const Chunk& chunk) {
  if (!chunk.is_contiguous()) return false;
  if (rows.dead_count == 0 && rows.moved.empty()) return true;
  constexpr RowId kPage = decltype(rows.moved)::kPageSize;
  const RowId begin = chunk.first_row();
  const RowId end = begin + chunk.rows_count();
  for (RowId word = begin / 64; word * 64 < end; ++word) {
    if (rows.dead.Get(word) != 0) return false;
  }
  if (rows.moved.empty()) return true;
  for (RowId page = begin / kPage; page * kPage < end; ++page) {
    if (rows.moved.FindPage(page) != nullptr) return false;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const TextIndex>> TextIndex::Open(const Table& table,
                                                         schema::PropertyOrdinal property,
                                                         index::TextPostings::Kind kind,
                                                         const Poll& poll) {
  const Table::Rows& rows = table.rows();
  const std::pair key(property, kind);
  {
    const std::lock_guard lock(rows.text_mutex);
    const auto known = rows.text_indexes.find(key);
    if (known != rows.text_indexes.end()) return known->second;
  }
  OG_RETURN_IF_ERROR(table.Open());
  // Built without the lock: two readers may do it twice, but none waits past its deadline.
  const std::shared_ptr<TextIndex> index(new TextIndex());
  for (std::uint32_t i = 0; i < rows.chunks.size(); ++i) {
    OG_ASSIGN_OR_RETURN(std::shared_ptr<const index::TextPostings> postings,
                        rows.chunks[i]->OpenTextPostings(property, kind, poll));
    index->AddPart(table, i, std::move(postings));
  }
  const std::lock_guard lock(rows.text_mutex);
  return rows.text_indexes.try_emplace(key, index).first->second;
}

void TextIndex::AddPart(const Table& table, std::uint32_t chunk_number,
                        std::shared_ptr<const index::TextPostings> postings) {
  const Table::Rows& rows = table.rows();
  const Chunk& chunk = *rows.chunks[chunk_number];
  Part part;
  part.postings = std::move(postings);
  part.first_row = chunk.first_row();
  if (!chunk.is_contiguous()) part.row_ids = chunk.data().row_ids;
  part.is_whole = IsWhole(rows, chunk);
  if (part.is_whole) {
    corpus_.documents_count += part.postings->documents_count();
    corpus_.terms_count += part.postings->terms_count();
  } else {
    part.is_current.resize(chunk.rows_count());
    const std::vector<std::uint32_t>& lengths = part.postings->lengths();
    for (std::uint32_t position = 0; position < chunk.rows_count(); ++position) {
      const RowId row = part.RowAt(position);
      if (lengths[position] == index::TextPostings::kNoText || rows.IsDead(row)) continue;
      const Table::Rows::Place place = rows.Locate(row);
      if (place.chunk != &chunk || place.position != position) continue;
      part.is_current[position] = true;
      ++corpus_.documents_count;
      corpus_.terms_count += lengths[position];
    }
  }
  parts_.push_back(std::move(part));
}

std::uint64_t TextIndex::CountWith(std::string_view term) const {
  std::uint64_t count = 0;
  for (const Part& part : parts_) {
    const std::span<const index::Posting> list = part.postings->Find(term);
    if (part.is_whole) {
      count += list.size();
      continue;
    }
    for (const index::Posting& posting : list)
      count += part.is_current[posting.position] ? 1 : 0;
  }
  return count;
}

void TextIndex::ScorePart(const Part& part, std::span<const std::string> terms,
                          std::span<const double> weights, std::vector<double>* norms,
                          Scores* out) const {
  constexpr std::uint32_t kEnd = index::TextPostings::kNoText;
  const double average_length = corpus_.average_length();
  const std::vector<std::uint32_t>& lengths = part.postings->lengths();
  std::vector<std::span<const index::Posting>> lists;
  std::vector<double> list_weights;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const std::span<const index::Posting> list = part.postings->Find(terms[t]);
    if (list.empty()) continue;
    lists.push_back(list);
    list_weights.push_back(weights[t]);
  }
  for (;;) {
    std::uint32_t position = kEnd;
    for (const std::span<const index::Posting> list : lists) {
      if (!list.empty()) position = std::min(position, list.front().position);
    }
    if (position == kEnd) return;
    const std::uint32_t length = lengths[position];
    if (length >= norms->size()) norms->resize(length + std::size_t{1}, -1);
    double& norm = (*norms)[length];
    if (norm < 0) norm = index::Bm25LengthNorm(length, average_length);
    double score = 0;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (lists[i].empty() || lists[i].front().position != position) continue;
      score += index::Bm25Score(list_weights[i], lists[i].front().frequency, norm);
      lists[i] = lists[i].subspan(1);
    }
    if (!part.Holds(position)) continue;
    out->rows.push_back(part.RowAt(position));
    out->scores.push_back(score);
  }
}

TextIndex::Scores TextIndex::Score(std::span<const std::string> terms) const {
  std::vector<double> weights;
  for (const std::string& term : terms)
    weights.push_back(index::Bm25Weight(corpus_, CountWith(term)));
  Scores found;
  std::vector<double> norms;  // By length; negative where not computed.
  for (const Part& part : parts_)
    ScorePart(part, terms, weights, &norms, &found);
  if (std::is_sorted(found.rows.begin(), found.rows.end())) return found;
  std::vector<std::uint32_t> order(found.rows.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&found](std::uint32_t a, std::uint32_t b) { return found.rows[a] < found.rows[b]; });
  Scores sorted;
  for (const std::uint32_t at : order) {
    sorted.rows.push_back(found.rows[at]);
    sorted.scores.push_back(found.scores[at]);
  }
  return sorted;
}

std::vector<RowId> TextIndex::Find(const index::TextMatch& match) const {
  std::vector<RowId> rows;
  for (const Part& part : parts_) {
    const auto take = [&](std::span<const index::Posting> list) {
      for (const index::Posting& posting : list) {
        if (part.Holds(posting.position)) rows.push_back(part.RowAt(posting.position));
      }
    };
    if (match.is_fuzzy()) {
      part.postings->VisitKeys([&](std::string_view form, std::span<const index::Posting> list) {
        const std::size_t word_end = form.find('\0');
        if (match.MatchesForm(form.substr(0, word_end), form.substr(word_end + 1))) take(list);
      });
    } else {
      for (const std::string& term : match.terms())
        take(part.postings->Find(term));
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

}  // namespace omnigraph::table
