// The digests of a cluster: lower-case hexadecimal SHA-256, stable for ever. Schemas, queries and
// policies are digests of their bytes (`Sha256Hex`); the composed ones are here.

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace omnigraph::cluster {

struct ConfigFile;

/// Of a graph: its id, the digest of its schema (may be empty) and those of its queries by name.
std::string GraphDigest(std::string_view graph, std::string_view schema_digest,
                        const std::map<std::string, std::string>& query_digests);

/// The parsed configuration in one canonical line: layout and key order of the file do not count,
/// spelling of paths and of defaults does.
std::string CanonicalConfigJson(const ConfigFile& config);

/// Of the whole desired state: the configuration and, by address, every resource's digest.
std::string ConfigDigest(const ConfigFile& config,
                         const std::map<std::string, std::string>& resource_digests);

}  // namespace omnigraph::cluster
