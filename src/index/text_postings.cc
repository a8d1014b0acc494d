// Implements index/text_postings.h.

#include "index/text_postings.h"

#include <algorithm>

#include "index/text_analysis.h"

namespace omnigraph::index {
namespace {

constexpr std::uint32_t kTextsPerPoll = 256;
constexpr std::uint32_t kNoKey = std::numeric_limits<std::uint32_t>::max();

}  // namespace

// Collects (key, text, frequency) text by text, then orders them by key with a counting sort.
class TextPostings::Builder {
 public:
  Builder(Kind kind, TextPostings* postings) : kind_(kind), postings_(*postings) {}

  void Add(std::uint32_t position, std::string_view text) {
    found_.clear();
    std::uint32_t length = 0;
    VisitWords(text, [&](std::string_view word) {
      const std::uint32_t key = KeyOf(word);
      if (key == kNoKey) return;
      ++length;
      found_.push_back(key);
    });
    postings_.lengths_[position] = length;
    ++postings_.documents_count_;
    postings_.terms_count_ += length;
    std::sort(found_.begin(), found_.end());
    for (std::size_t i = 0; i < found_.size();) {
      const std::size_t begin = i;
      while (i < found_.size() && found_[i] == found_[begin])
        ++i;
      entries_.push_back({found_[begin], {position, static_cast<std::uint32_t>(i - begin)}});
    }
  }

  void Finish() {
    std::vector<std::uint64_t>& starts = postings_.starts_;
    starts.assign(postings_.numbers_.size() + 1, 0);
    for (const Entry& entry : entries_)
      ++starts[entry.key + 1];
    for (std::size_t i = 1; i < starts.size(); ++i)
      starts[i] += starts[i - 1];
    std::vector<std::uint64_t> next(starts.begin(), starts.end() - 1);
    postings_.postings_.resize(entries_.size());
    for (const Entry& entry : entries_)
      postings_.postings_[next[entry.key]++] = entry.posting;
  }

 private:
  struct Entry {
    std::uint32_t key;
    Posting posting;
  };

  // The number of the key of a word as it stands in a text.
  std::uint32_t KeyOf(std::string_view word) {
    const auto known = words_.find(word);
    if (known != words_.end()) return known->second;
    std::string key;
    const std::string& term = analyzer_.TermOf(word);
    if (kind_ == Kind::kForms) {
      key = FoldToAscii(LowerCase(word));
      key.push_back('\0');
    }
    key += term;
    std::uint32_t number = kNoKey;
    if (!key.empty()) {
      const auto fresh = static_cast<std::uint32_t>(postings_.numbers_.size());
      number = postings_.numbers_.try_emplace(std::move(key), fresh).first->second;
    }
    return words_.emplace(word, number).first->second;
  }

  Kind kind_;
  TextPostings& postings_;
  TextAnalyzer analyzer_;
  Numbers words_;
  std::vector<std::uint32_t> found_;  // Keys of the text at hand.
  std::vector<Entry> entries_;
};

Result<std::shared_ptr<const TextPostings>> TextPostings::Build(Kind kind,
                                                                std::uint32_t texts_count,
                                                                const TextAt& text_at,
                                                                const Poll& poll) {
  const std::shared_ptr<TextPostings> postings(new TextPostings());
  postings->lengths_.assign(texts_count, kNoText);
  Builder builder(kind, postings.get());
  for (std::uint32_t position = 0; position < texts_count; ++position) {
    if (position % kTextsPerPoll == 0) OG_RETURN_IF_ERROR(poll());
    if (const std::optional<std::string_view> text = text_at(position)) {
      builder.Add(position, *text);
    }
  }
  builder.Finish();
  return std::shared_ptr<const TextPostings>(postings);
}

std::span<const Posting> TextPostings::Find(std::string_view key) const {
  const auto found = numbers_.find(key);
  return found == numbers_.end() ? std::span<const Posting>() : List(found->second);
}

void TextPostings::VisitKeys(
    const std::function<void(std::string_view, std::span<const Posting>)>& visit) const {
  for (const auto& [key, number] : numbers_)
    visit(key, List(number));
}

}  // namespace omnigraph::index
