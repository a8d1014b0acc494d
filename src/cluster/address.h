// Names of resources ("query.sky.all_stars") and of the objects that a cluster keeps under its
// storage root.

#pragma once

#include <string>
#include <string_view>

namespace omnigraph::cluster {

enum class ResourceKind : unsigned char { kGraph, kSchema, kQuery, kPolicy, kUnknown };

/// "graph", "schema", "query", "policy", "unknown".
std::string_view KindName(ResourceKind kind);

/// The parts of an address. Texts are views into what was parsed.
struct Address {
  ResourceKind kind = ResourceKind::kUnknown;
  std::string_view graph;  ///< Of graphs, schemas and queries.
  std::string_view name;   ///< Of queries and policies.
};

/// Splits an address; anything that is none has the kind `kUnknown` and no parts.
Address ParseAddress(std::string_view text);

std::string GraphAddress(std::string_view graph);
std::string SchemaAddress(std::string_view graph);
std::string QueryAddress(std::string_view graph, std::string_view name);
std::string PolicyAddress(std::string_view name);

/// The rule for ids of graphs and names of queries and policies: an ASCII letter or `_`, then
/// letters, digits, `_` and `-`.
bool IsResourceId(std::string_view text);

/// Whether a graph of that id can have routes of its own: a resource id of at most 64 characters
/// that is not one of `policies`, `healthz`, `openapi`, `graphs`.
bool IsServableGraphId(std::string_view id);
inline constexpr std::string_view kServableGraphIdRule =
    "at most 64 characters, and not policies, healthz, openapi or graphs";

// ---- Keys under the storage root ---------------------------------------------------------------

inline constexpr std::string_view kLedgerKey = "__cluster/state.json";
inline constexpr std::string_view kLockKey = "__cluster/lock.json";
inline constexpr std::string_view kRecoveriesPrefix = "__cluster/recoveries/";
inline constexpr std::string_view kApprovalsPrefix = "__cluster/approvals/";
inline constexpr std::string_view kHistoryPrefix = "__history/";
inline constexpr std::string_view kGraphsPrefix = "graphs/";
inline constexpr std::string_view kGraphSuffix = ".omni";

/// "graphs/<id>.omni".
std::string GraphRootKey(std::string_view graph);

/// Where the catalog keeps the content of a query or policy; empty for other kinds.
std::string PayloadKey(const Address& address, std::string_view digest);

std::string SidecarKey(std::string_view operation_id);
std::string ApprovalKey(std::string_view approval_id);

}  // namespace omnigraph::cluster
