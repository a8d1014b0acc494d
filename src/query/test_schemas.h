// Schemas and shortcuts that the tests of `query` share.

#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/check.h"
#include "query/parser.h"
#include "schema/catalog.h"
#include "schema/compile.h"

namespace omnigraph::query::testing {

/// The schema of the specification's worked example (S17.1).
inline constexpr std::string_view kPeopleSchema = R"pg(
node Person  { name: String @key  age: I32?  city: String?  tags: [String]?  score: F64?
               joined: Date?  seen: DateTime?  active: Bool? }
node Company { name: String @key  sector: enum(ai, bio, energy) }
node Doc     { slug: String @key  title: String @index  embedding: Vector(2)?  year: I32? }
edge Knows:   Person -> Person  { since: Date? }
edge WorksAt: Person -> Company { title: String? }
edge Wrote:   Person -> Doc
)pg";

/// One of every kind of property: blobs, lists, vectors, an embed target, an interface.
inline constexpr std::string_view kFleetSchema = R"pg(
interface Named { name: String }
node Ship { name: String @key  tons: I32?  flag: String?  tags: [String]?  ratio: F32?
            built: Date?  seen: DateTime?  active: Bool?  hull: Blob?  shape: Vector(2)? }
node Port { code: String @key  zone: enum(baltic, north, med) }
node Report { slug: String @key  title: String @index  vec: Vector(3)?  marks: [I64]? }
node Photo { slug: String @key  text: String  vec: Vector(3) @embed(text) }
edge Follows: Ship -> Ship { since: Date?  note: String?  proof: Blob? }
edge CallsAt: Ship -> Port
edge Filed: Ship -> Report
)pg";

inline std::shared_ptr<const schema::Catalog> CatalogOf(std::string_view schema_text) {
  auto compiled = schema::CompileSchema(schema_text);
  OG_CHECK(compiled.ok());
  return compiled.value()->catalog;
}

/// `body` as the only query of a file; a text that starts with "query" stays as it is.
inline std::string QueryText(std::string_view body, std::string_view parameters = "") {
  if (body.starts_with("query ") || body.starts_with("mutation ")) return std::string(body);
  return "query q(" + std::string(parameters) + ") { " + std::string(body) + " }";
}

/// Parses and checks the only query of `text`, which must parse.
inline CheckOutcome CheckText(const std::string& text, const schema::Catalog& catalog) {
  const text::Source source("test.gq", text);
  text::Diagnostics diagnostics;
  const ast::File file = Parse(source, diagnostics);
  if (diagnostics.has_errors()) return {std::nullopt, diagnostics.items()};
  OG_CHECK(file.queries.size() == 1);
  return Check(file.queries.front(), catalog);
}

/// A query, and what the first of its errors is like.
struct BadQuery {
  const char* name;
  const char* body;
  const char* code;
  const char* place;  // What the first error points at.
  std::vector<std::string> tokens{};
  const char* parameters = "";
};

inline std::string NameOf(const ::testing::TestParamInfo<BadQuery>& tested) {
  return tested.param.name;
}

inline void ExpectFirstError(const BadQuery& bad, const schema::Catalog& catalog) {
  const std::string text = QueryText(bad.body, bad.parameters);
  const CheckOutcome outcome = CheckText(text, catalog);
  ASSERT_FALSE(outcome.diagnostics.empty()) << "no error: " << text;
  EXPECT_FALSE(outcome.query.has_value());
  const text::Diagnostic& first = outcome.diagnostics.front();
  const std::string message = TypeErrorText(first);
  const std::string code = bad.code;
  EXPECT_EQ(first.code, code) << message;
  EXPECT_THAT(message,
              ::testing::StartsWith(code.empty() ? "type error: " : "type error: " + code + ": "));
  for (const std::string& token : bad.tokens)
    EXPECT_THAT(message, ::testing::HasSubstr(token));
  EXPECT_EQ(text::Source("t", text).At(first.primary.span), bad.place) << message;
}

}  // namespace omnigraph::query::testing
