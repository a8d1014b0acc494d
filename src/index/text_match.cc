// Implements index/text_match.h.

#include "index/text_match.h"

#include <utf8proc.h>

#include <algorithm>

namespace omnigraph::index {
namespace {

constexpr std::size_t kVerdictsMax = 1 << 16;

std::u32string Characters(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    utf8proc_int32_t character = -1;
    const utf8proc_ssize_t read =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (read <= 0) break;
    characters.push_back(static_cast<char32_t>(character));
    text.remove_prefix(static_cast<std::size_t>(read));
  }
  return characters;
}

}  // namespace

bool IsWithinEdits(std::u32string_view left, std::u32string_view right, std::size_t edits_max) {
  if (left.size() > right.size()) std::swap(left, right);
  if (right.size() - left.size() > edits_max) return false;
  std::vector<std::size_t> row(left.size() + 1);
  for (std::size_t i = 0; i <= left.size(); ++i)
    row[i] = i;
  for (std::size_t j = 1; j <= right.size(); ++j) {
    std::size_t diagonal = row[0];
    row[0] = j;
    std::size_t best = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[i];
      row[i] = std::min({replaced, row[i] + 1, row[i - 1] + 1});
      best = std::min(best, row[i]);
    }
    if (best > edits_max) return false;
  }
  return row.back() <= edits_max;
}

TextMatch TextMatch::AnyTerm(std::string_view query) {
  TextMatch match;
  match.terms_ = match.analyzer_->Terms(query);
  std::vector<std::string>& terms = match.terms_;
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return match;
}

TextMatch TextMatch::Fuzzy(std::string_view query, std::size_t edits) {
  TextMatch match;
  match.is_fuzzy_ = true;
  match.edits_ = edits;
  // A query of nothing but stop words matches nothing, though they may take part.
  if (match.analyzer_->Terms(query).empty()) return match;
  for (const std::string& word : match.analyzer_->Words(query)) {
    match.words_.push_back(Characters(word));
  }
  return match;
}

bool TextMatch::IsClose(std::string_view word) const {
  const std::u32string characters = Characters(word);
  return std::any_of(words_.begin(), words_.end(), [&](const std::u32string& wanted) {
    return IsWithinEdits(wanted, characters, edits_);
  });
}

bool TextMatch::MatchesWord(std::string_view word) {
  const std::string& term = analyzer_->TermOf(word);
  if (!is_fuzzy_) {
    return !term.empty() && std::binary_search(terms_.begin(), terms_.end(), term);
  }
  return MatchesForm(FoldToAscii(LowerCase(word)), term);
}

bool TextMatch::MatchesForm(std::string_view folded, std::string_view term) const {
  return (!term.empty() && IsClose(term)) || IsClose(folded);
}

bool TextMatch::Matches(std::string_view text) {
  if (terms_.empty() && words_.empty()) return false;
  bool is_match = false;
  VisitWords(text, [&](std::string_view word) {
    if (is_match) return;
    if (verdicts_.size() >= kVerdictsMax) verdicts_.clear();
    const auto [verdict, is_new] = verdicts_.try_emplace(std::string(word), false);
    if (is_new) verdict->second = MatchesWord(word);
    is_match = verdict->second;
  });
  return is_match;
}

}  // namespace omnigraph::index
