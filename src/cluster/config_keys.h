// The keys of `cluster.yaml`: the parser checks against this table, and the JSON Schema is made of
// it.

#pragma once

#include <array>

#include "text/yaml_shape.h"

namespace omnigraph::cluster {

inline constexpr std::string_view kResourceIdPattern = "^[A-Za-z_][A-Za-z0-9_-]*$";

inline constexpr auto kConfigKeys = std::to_array<text::YamlKeyRow>({
    {"version", text::YamlShape::kInteger, true, "The version of this format.", "1"},
    {"metadata", text::YamlShape::kMapping, false, "Labels for people."},
    {"metadata.name", text::YamlShape::kText, false, "What to call the cluster."},
    {"storage", text::YamlShape::kText, false,
     "Where everything stored goes: a folder or s3://bucket/prefix. Default: this folder."},
    {"state", text::YamlShape::kMapping, false, "How the ledger is kept."},
    {"state.backend", text::YamlShape::kText, false, "Where the ledger lies.", "cluster"},
    {"state.lock", text::YamlShape::kBool, false, "Whether commands take the lock. Default: true."},
    {"graphs", text::YamlShape::kNames, false, "The graphs by id.", {}, kResourceIdPattern},
    {"graphs.*.schema", text::YamlShape::kText, true, "The .pg file of the graph."},
    {"graphs.*.queries",
     text::YamlShape::kPaths,
     false,
     "Stored queries: a .gq file or a folder of them, a list of these, or names with their files.",
     {},
     kResourceIdPattern},
    {"graphs.*.queries.*.file", text::YamlShape::kText, true,
     "The .gq file that declares the query."},
    {"policies",
     text::YamlShape::kNames,
     false,
     "The policy bundles by name.",
     {},
     kResourceIdPattern},
    {"policies.*.file", text::YamlShape::kText, true, "The bundle."},
    {"policies.*.applies_to", text::YamlShape::kSomeTexts, true,
     "What the bundle governs: 'cluster' for the server, and ids of graphs."},
});

}  // namespace omnigraph::cluster
