// Implements schema/syntax_hints.h.

#include "schema/syntax_hints.h"

#include <array>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "text/diagnostic.h"

namespace omnigraph::schema {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// Names of types elsewhere, in lower case, and what comes nearest here.
constexpr auto kForeignTypes = std::to_array<Pair>({
    {"string", "String"},
    {"text", "String"},
    {"varchar", "String"},
    {"char", "String"},
    {"str", "String"},
    {"uuid", "String"},
    {"json", "String"},
    {"int", "I32 or I64"},
    {"integer", "I32 or I64"},
    {"int32", "I32"},
    {"int64", "I64"},
    {"i16", "I32"},
    {"i8", "I32"},
    {"i128", "I64"},
    {"long", "I64"},
    {"bigint", "I64"},
    {"number", "I64 or F64"},
    {"uint", "U32 or U64"},
    {"uint32", "U32"},
    {"uint64", "U64"},
    {"u8", "U32"},
    {"u16", "U32"},
    {"float", "F64"},
    {"double", "F64"},
    {"decimal", "F64"},
    {"float32", "F32"},
    {"float64", "F64"},
    {"f16", "F32"},
    {"boolean", "Bool"},
    {"timestamp", "DateTime"},
    {"time", "DateTime"},
    {"instant", "DateTime"},
    {"bytes", "Blob"},
    {"binary", "Blob"},
    {"list", "a list such as [String]"},
    {"array", "a list such as [String]"},
});

std::string DidYouMeanText(std::string_view found, const std::vector<std::string_view>& words) {
  const std::string_view near = text::DidYouMean(found, words);
  return near.empty() ? std::string() : "did you mean '" + std::string(near) + "'?";
}

}  // namespace

std::string DeclarationHint(std::string_view found) {
  if (found == "enum") return "an enum is written at its property: color: enum(red, green)";
  if (found == ";" || found == ",") return "declarations are not separated; remove it";
  if (found == "@") return "annotations stand behind the name of a type, or behind a property";
  std::string help = DidYouMeanText(found, {"interface", "node", "edge"});
  if (help.empty()) help = CharacterHint(found);
  return help.empty() ? "a schema consists of interface, node and edge declarations" : help;
}

std::string TypeHint(std::string_view found) {
  if (found == "Vector" || found == "enum" || found == "[") {
    return "a list holds scalars only: no lists, vectors or enums";
  }
  const std::string lower = ToLowerAscii(found);
  for (const auto& [foreign, ours] : kForeignTypes) {
    if (lower == foreign) {
      const bool is_name = ours.find(' ') == std::string_view::npos;
      return is_name ? "did you mean '" + std::string(ours) + "'?"
                     : "did you mean " + std::string(ours) + "?";
    }
  }
  std::vector<std::string_view> words(kScalarWords.begin(), kScalarWords.end());
  words.insert(words.end(), {"Vector", "enum"});
  const std::string help = DidYouMeanText(found, words);
  if (!help.empty()) return help;
  return "the types are String, Bool, I32, I64, U32, U64, F32, F64, Date, DateTime, Blob, "
         "Vector(n), enum(a, b) and lists such as [String]; another node is reached by an edge";
}

std::string HeaderHint(std::string_view found) {
  if (found == "extends") {
    return "types are not derived from others: let nodes implement an interface (implements A, B)";
  }
  if (found == "implements") return "interfaces are listed once, before the body: implements A, B";
  if (found == "(") return "properties stand between { and }";
  return CharacterHint(found);
}

std::string ItemHint(std::string_view found) {
  if (found == "," || found == ";") {
    return "properties are not separated by commas or semicolons; remove it";
  }
  if (found == "@") {
    return "an annotation stands directly behind its property's type, before any constraint";
  }
  if (found == "=") {
    return "there are no default values; rows that are there get one when a schema is applied "
           "(--backfill)";
  }
  if (found == "[") return "a list is written around the type of its elements: [String]";
  if (found == "!") return "a property is required unless '?' stands behind its type";
  if (found == "?") return "one '?' behind the type makes the property nullable";
  if (found == "@card") {
    return "@card limits edges: it stands in an edge's header, behind the target";
  }
  return CharacterHint(found);
}

std::string CharacterHint(std::string_view found) {
  if (found == "#" || found == "-") return "a comment starts with //";
  if (found == "'" || found == "`" || found == "\u201c" || found == "\u201d" || found == "\u2018" ||
      found == "\u2019") {
    return "texts stand between straight double quotes, names without quotes";
  }
  if (found == "\ufeff") return "save the file as UTF-8 without a byte-order mark";
  if (!found.empty() && static_cast<unsigned char>(found.front()) >= 0x80) {
    return "outside of texts and comments a schema holds ASCII characters only";
  }
  return {};
}

}  // namespace omnigraph::schema
