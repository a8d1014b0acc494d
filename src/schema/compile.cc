// Implements schema/compile.h: the phases in their order.

#include "schema/compile.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "schema/build_catalog.h"
#include "schema/canonical.h"
#include "schema/check.h"
#include "schema/parser.h"
#include "schema/resolve.h"

namespace omnigraph::schema {
namespace {

CompileOutcome Failed(text::Diagnostics diagnostics) {
  return {nullptr, std::move(diagnostics).Take()};
}

}  // namespace

bool CompileOutcome::is_catalog_error() const {
  return std::any_of(
      diagnostics.begin(), diagnostics.end(),
      [](const text::Diagnostic& diagnostic) { return diagnostic.code == kCatalogCode; });
}

Status CompileOutcome::ToStatus(const text::Source& source) const {
  return text::ToStatus(source, diagnostics)
      .WithContext(is_catalog_error() ? "catalog error" : "parse error");
}

CompileOutcome Compile(const text::Source& source, const SchemaIdentity& identity) {
  text::Diagnostics diagnostics;
  const SchemaSyntax tree = Parse(source, diagnostics);
  if (diagnostics.has_errors()) return Failed(std::move(diagnostics));

  const std::vector<EffectiveType> types = ResolveInterfaces(tree, diagnostics);
  CheckAnnotations(types, diagnostics);
  CheckConstraints(types, diagnostics);
  if (diagnostics.has_errors()) return Failed(std::move(diagnostics));

  CheckCatalog(types, diagnostics);
  if (diagnostics.has_errors()) return Failed(std::move(diagnostics));

  auto schema = std::make_shared<Schema>();
  schema->source_text = source.text();
  schema->source_digest = Sha256Hex(source.text());
  schema->canonical_json = CanonicalJson(types);
  schema->semantic_hash = "sha256:" + Sha256Hex(schema->canonical_json);
  schema->identity = identity;
  schema->catalog = BuildCatalog(types, schema->identity);
  return {std::move(schema), std::move(diagnostics).Take()};
}

Result<std::shared_ptr<const Schema>> CompileSchema(std::string_view text, std::string_view name,
                                                    const SchemaIdentity& identity) {
  const text::Source source{std::string(name), std::string(text)};
  CompileOutcome outcome = Compile(source, identity);
  if (outcome.schema == nullptr) return outcome.ToStatus(source);
  return std::move(outcome.schema);
}

}  // namespace omnigraph::schema
