// Implements index/text_analysis.h.

#include "index/text_analysis.h"

#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace omnigraph::index {
namespace {

// Longer words are no terms.
constexpr std::size_t kWordBytesEnd = 40;
// Words whose terms are remembered.
constexpr std::size_t kTermsMax = 1 << 16;

constexpr std::string_view kStopTerms[] = {
    "a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
    "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
    "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool IsAlphanumeric(std::int32_t character) {
  if (character < 0x80) {
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z');
  }
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_MC:  // Vowel signs that are letters of their scripts.
      return true;
    default:
      return false;
  }
}

// The character at the front of `text` and its length; a byte that starts none counts as one.
std::int32_t NextCharacter(std::string_view text, std::size_t* length) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    *length = 1;
    return first;
  }
  utf8proc_int32_t character = -1;
  const utf8proc_ssize_t read =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &character);
  *length = read > 0 ? static_cast<std::size_t>(read) : 1;
  return read > 0 ? character : -1;
}

void AppendCharacter(std::int32_t character, std::string* out) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t count = utf8proc_encode_char(character, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
}

// The ASCII spelling of letters that have no decomposition, else nothing.
std::string_view AsciiSpelling(std::int32_t character) {
  switch (character) {
    case 0xDF:
      return "ss";
    case 0xE6:
      return "ae";
    case 0x153:
      return "oe";
    case 0xF8:
      return "o";
    case 0x142:
      return "l";
    case 0x111:
    case 0xF0:
      return "d";
    case 0xFE:
      return "th";
    case 0x131:
      return "i";
    default:
      return {};
  }
}

}  // namespace

void VisitWords(std::string_view text, const std::function<void(std::string_view)>& visit) {
  std::size_t begin = 0;
  std::size_t position = 0;
  const auto end_word = [&] {
    if (position > begin && position - begin < kWordBytesEnd) {
      visit(text.substr(begin, position - begin));
    }
  };
  while (position < text.size()) {
    std::size_t length = 0;
    const std::int32_t character = NextCharacter(text.substr(position), &length);
    if (character < 0 || !IsAlphanumeric(character)) {
      end_word();
      begin = position + length;
    }
    position += length;
  }
  end_word();
}

std::string LowerCase(std::string_view word) {
  std::string lower;
  lower.reserve(word.size());
  while (!word.empty()) {
    std::size_t length = 0;
    const std::int32_t character = NextCharacter(word, &length);
    if (character >= 0 && character < 0x80) {
      const bool is_upper = character >= 'A' && character <= 'Z';
      lower.push_back(static_cast<char>(is_upper ? character + 32 : character));
    } else if (character < 0) {
      lower.append(word.substr(0, length));
    } else {
      AppendCharacter(utf8proc_tolower(character), &lower);
    }
    word.remove_prefix(length);
  }
  return lower;
}

std::string FoldToAscii(std::string_view word) {
  if (IsAscii(word)) return std::string(word);
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                                           UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(word.data());
  const auto size = static_cast<utf8proc_ssize_t>(word.size());
  std::vector<utf8proc_int32_t> characters(word.size() * 4);
  utf8proc_ssize_t count = 0;
  for (;;) {
    const auto room = static_cast<utf8proc_ssize_t>(characters.size());
    count = utf8proc_decompose(bytes, size, characters.data(), room, kOptions);
    if (count <= room) break;
    characters.resize(static_cast<std::size_t>(count));
  }
  if (count < 0) return std::string(word);
  std::string folded;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::string_view spelling = AsciiSpelling(characters[i]);
    if (spelling.empty()) {
      AppendCharacter(characters[i], &folded);
    } else {
      folded += spelling;
    }
  }
  return folded;
}

TextAnalyzer::TextAnalyzer() : stemmer_(sb_stemmer_new("english", "UTF_8")) {
  OG_CHECK(stemmer_ != nullptr);
}

TextAnalyzer::~TextAnalyzer() {
  sb_stemmer_delete(stemmer_);
}

std::string TextAnalyzer::Analyze(std::string_view word) {
  const std::string lower = LowerCase(word);
  const sb_symbol* stem = sb_stemmer_stem(
      stemmer_, reinterpret_cast<const sb_symbol*>(lower.data()), static_cast<int>(lower.size()));
  const std::string_view term(reinterpret_cast<const char*>(stem),
                              static_cast<std::size_t>(sb_stemmer_length(stemmer_)));
  if (std::find(std::begin(kStopTerms), std::end(kStopTerms), term) != std::end(kStopTerms)) {
    return {};
  }
  return FoldToAscii(term);
}

const std::string& TextAnalyzer::TermOf(std::string_view word) {
  const auto known = terms_.find(word);
  if (known != terms_.end()) return known->second;
  if (terms_.size() >= kTermsMax) terms_.clear();
  return terms_.emplace(word, Analyze(word)).first->second;
}

void TextAnalyzer::VisitTerms(std::string_view text,
                              const std::function<void(std::string_view)>& visit) {
  VisitWords(text, [&](std::string_view word) {
    const std::string& term = TermOf(word);
    if (!term.empty()) visit(term);
  });
}

std::vector<std::string> TextAnalyzer::Terms(std::string_view text) {
  std::vector<std::string> terms;
  VisitTerms(text, [&](std::string_view term) { terms.emplace_back(term); });
  return terms;
}

std::vector<std::string> TextAnalyzer::Words(std::string_view text) {
  std::vector<std::string> words;
  VisitWords(text, [&](std::string_view word) { words.push_back(FoldToAscii(LowerCase(word))); });
  return words;
}

}  // namespace omnigraph::index
