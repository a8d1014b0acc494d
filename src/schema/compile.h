// From a `.pg` text to a catalog: parses, checks all phases of S7, expands interfaces, and computes
// the canonical form and the digests.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schema/catalog.h"
#include "schema/identity.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::schema {

/// A schema that passed every check. Immutable; share it as `std::shared_ptr<const Schema>`.
struct Schema {
  std::string source_text;     ///< Byte for byte as given.
  std::string source_digest;   ///< SHA-256 of `source_text`, 64 hexadecimal digits (S9.4).
  std::string canonical_json;  ///< The compact canonical form (S9).
  std::string semantic_hash;   ///< "sha256:" and the SHA-256 of `canonical_json`.
  SchemaIdentity identity;     ///< The stable numbers that `catalog` uses.
  std::shared_ptr<const Catalog> catalog;
};

struct CompileOutcome {
  std::shared_ptr<const Schema> schema;       ///< Null if `diagnostics` holds an error.
  std::vector<text::Diagnostic> diagnostics;  ///< Sorted by position, at most 20.

  /// Whether the mistakes are those of S7.5 (`catalog error`) and not those of S7.2-S7.4.
  bool is_catalog_error() const;
  /// OK, or `kInvalidArgument` "parse error: …" or "catalog error: …" with all diagnostics drawn.
  Status ToStatus(const text::Source& source) const;
};

/// Compiles `source`. Syntax and declaration-local mistakes (phases 1-2) are all reported together;
/// without any, those of phases 3-5; without any, those of phase 6.
///
/// Types and properties that `identity` knows keep their numbers, others get the next free ones in
/// canonical order. Pass the identity of `EvolveIdentity` for an accepted graph; the default is
/// right for `init`, for lint, and for the desired side of a plan.
CompileOutcome Compile(const text::Source& source, const SchemaIdentity& identity = {});

/// `Compile` for callers that have no use for diagnostics as data. `name` is what messages show.
Result<std::shared_ptr<const Schema>> CompileSchema(std::string_view text,
                                                    std::string_view name = "schema.pg",
                                                    const SchemaIdentity& identity = {});

}  // namespace omnigraph::schema
