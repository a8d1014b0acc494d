// What somebody probably meant who wrote a word of another language into a schema.

#pragma once

#include <array>
#include <string>
#include <string_view>

namespace omnigraph::schema {

/// The scalar types, as they are written.
inline constexpr std::array<std::string_view, 11> kScalarWords = {
    "String", "Bool", "I32", "I64", "U32", "U64", "F32", "F64", "Date", "DateTime", "Blob"};

/// Help for a token where a declaration should begin ("Node", "class", ";").
std::string DeclarationHint(std::string_view found);
/// For one where a type should stand ("int", "Varchar", "uuid").
std::string TypeHint(std::string_view found);
/// For one in the header of a node or interface ("extends", "("), where `{` should come.
std::string HeaderHint(std::string_view found);
/// For one where the next item of a body should begin ("=", "[", "!").
std::string ItemHint(std::string_view found);
/// For characters that no token has: quotes of other kinds, comments of other kinds, letters beyond
/// ASCII. Empty for others.
std::string CharacterHint(std::string_view found);

}  // namespace omnigraph::schema
