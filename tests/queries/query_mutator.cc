// Implements query_mutator.h.

#include "query_mutator.h"

#include <algorithm>

namespace omnigraph::queries {
namespace {

// Pieces of the language and what is none.
const std::vector<std::string> kPieces = {"{",
                                          "}",
                                          "(",
                                          ")",
                                          "[",
                                          "]",
                                          "$",
                                          "$_",
                                          "$a",
                                          ":",
                                          ",",
                                          ".",
                                          "=",
                                          "!=",
                                          "<",
                                          ">=",
                                          "{1,3}",
                                          "{2,2}",
                                          "{1,}",
                                          "{0,1}",
                                          "\"",
                                          "\\",
                                          "//",
                                          "/*",
                                          "*/",
                                          "\n",
                                          "?",
                                          "not { ",
                                          "match { ",
                                          "return",
                                          "order { ",
                                          " limit ",
                                          " desc",
                                          " as x",
                                          "count(",
                                          "sum(",
                                          "now()",
                                          "date(\"",
                                          "nearest(",
                                          "bm25(",
                                          "rrf(",
                                          "search(",
                                          "fuzzy(",
                                          " <knows> ",
                                          "contains",
                                          "starts_with",
                                          "insert ",
                                          "update ",
                                          "delete ",
                                          " where ",
                                          " set { ",
                                          "0",
                                          "9223372036854775807",
                                          "99999999999999999999",
                                          "1.5",
                                          "true",
                                          "\xff",
                                          "\xe2\x82",
                                          "ü",
                                          "@description(\"d\")"};

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Where the words of a text begin and end.
std::vector<std::pair<std::size_t, std::size_t>> WordsOf(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> words;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && IsWordByte(text[end]))
      ++end;
    if (end > i) words.emplace_back(i, end);
    i = std::max(end, i + 1);
  }
  return words;
}

}  // namespace

std::string QueryMutator::Text() {
  std::string text = Pick(corpus_);
  for (std::size_t i = Below(8); i > 0; --i)
    Damage(text);
  return text;
}

void QueryMutator::SwapWord(std::string& text) {
  const auto words = WordsOf(text);
  const std::string& other = Pick(corpus_);
  const auto others = WordsOf(other);
  if (words.empty() || others.empty()) return;
  const auto [begin, end] = words[Below(words.size())];
  const auto [other_begin, other_end] = others[Below(others.size())];
  text.replace(begin, end - begin, other.substr(other_begin, other_end - other_begin));
}

void QueryMutator::Damage(std::string& text) {
  const std::size_t at = Below(text.size() + 1);
  const std::size_t size = std::min(Below(12), text.size() - at);
  switch (Below(8)) {
    case 0:
      text.erase(at, size);
      break;
    case 1:
      text.insert(at, Pick(kPieces));
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(Below(256));
      break;
    case 3:
      text.insert(at, text.substr(Below(text.size() + 1), Below(60)));
      break;
    case 4: {
      const std::string& other = Pick(corpus_);
      text = text.substr(0, at) + other.substr(Below(other.size() + 1));
      break;
    }
    case 5:
      text.replace(at, size, Pick(kPieces));
      break;
    default:
      SwapWord(text);
  }
}

std::string QueryMutator::Value(const query::ast::ParameterType& type) {
  static const std::vector<std::string> kAnything = {"null",  "true",   "0",    "-1",
                                                     "1e400", "3.0",    "\"\"", "\"x\"",
                                                     "[]",    "[null]", "{}",   "{\"a\":1}"};
  static const std::vector<std::string> kIntegers = {"0",
                                                     "1",
                                                     "-1",
                                                     "2147483647",
                                                     "2147483648",
                                                     "-2147483649",
                                                     "4294967296",
                                                     "9223372036854775807",
                                                     "9223372036854775808",
                                                     "-9223372036854775808",
                                                     "\"7\""};
  static const std::vector<std::string> kFloats = {"0.0", "-0.0", "1.5", "1e308", "1e-320", "2"};
  static const std::vector<std::string> kTexts = {
      "\"a\"",          "\"\"", "\"red\"", "\"a b\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
      "\"base64:aGk=\""};
  static const std::vector<std::string> kTimes = {
      "\"2024-01-10\"",           "\"2024-02-30\"",    "\"9999-12-31T23:59:59.999Z\"",
      "\"2024-06-01T12:00:00Z\"", "\"-290308-12-21\"", "\"tomorrow\""};
  if (OneIn(8)) return Pick(kAnything);
  if (type.is_nullable && OneIn(4)) return "null";
  if (type.is_list || type.base == "Vector") {
    query::ast::ParameterType element = type;
    element.is_list = false;
    if (type.base == "Vector") element.base = "F32";
    std::string list = "[";
    const std::size_t count = type.vector_dimension && !OneIn(6)
                                  ? std::min<std::size_t>(*type.vector_dimension, 8)
                                  : Below(4);
    for (std::size_t i = 0; i < count; ++i)
      list += (i > 0 ? "," : "") + Value(element);
    return list + "]";
  }
  if (type.base == "Bool") return OneIn(2) ? "true" : "false";
  if (type.base == "F32" || type.base == "F64") return Pick(kFloats);
  if (type.base == "Date" || type.base == "DateTime") return Pick(kTimes);
  return type.base == "String" || type.base == "Blob" ? Pick(kTexts) : Pick(kIntegers);
}

std::string QueryMutator::Arguments(const std::vector<query::ast::Parameter>& parameters) {
  std::string json = "{";
  for (const query::ast::Parameter& parameter : parameters) {
    if (OneIn(20)) continue;
    json +=
        (json.size() > 1 ? "," : "") + ("\"" + parameter.name.text + "\":") + Value(parameter.type);
  }
  json += "}";
  if (OneIn(20)) json.erase(Below(json.size()), 1);
  return json;
}

}  // namespace omnigraph::queries
