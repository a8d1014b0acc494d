// The ledger `__cluster/state.json`: what has been applied. One document, replaced as a whole; the
// only thing that decides what a cluster is.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace omnigraph::cluster {

inline constexpr std::uint64_t kLedgerVersion = 1;
inline constexpr std::uint64_t kLedgerBytesMax = std::uint64_t{64} << 20;

struct AppliedResource {
  std::string digest;
  /// Policies only: what the bundle is bound to. Absent in ledgers of the first releases.
  std::optional<std::vector<std::string>> applies_to;
  friend bool operator==(const AppliedResource&, const AppliedResource&) = default;
};

struct ResourceStatus {
  std::string status;  ///< applied, drifted, blocked or error; older ledgers know more words.
  std::vector<std::string> conditions;
  std::optional<std::string> message;
  friend bool operator==(const ResourceStatus&, const ResourceStatus&) = default;
};

inline ResourceStatus AppliedStatus() {
  return {"applied", {}, std::nullopt};
}

/// All maps ascend by key. The values of the last three are JSON objects as text: they are kept as
/// they were written, fields of later versions included.
struct Ledger {
  std::uint64_t state_revision = 0;
  std::optional<std::string> config_digest;
  std::map<std::string, AppliedResource> resources;
  std::map<std::string, ResourceStatus> statuses;
  std::map<std::string, std::string> approval_records;  ///< By approval id.
  std::map<std::string, std::string> recovery_records;  ///< By operation id.
  std::map<std::string, std::string> observations;      ///< By graph address.
  friend bool operator==(const Ledger&, const Ledger&) = default;

  /// The digest of an address; empty if it is not recorded.
  std::string DigestOf(std::string_view address) const;
  /// Ids of the graphs that are recorded.
  std::vector<std::string> GraphIds() const;
  /// Gives the graph the digest that its recorded schema and queries add up to.
  void RecomputeGraphDigest(std::string_view graph);
  /// Removes the graph, its schema, its queries and their statuses.
  void RemoveGraph(std::string_view graph);
};

/// The document's bytes: two-space indent, every field, a line break at the end.
std::string SerializeLedger(const Ledger& ledger);

struct LedgerReading {
  std::optional<Ledger> ledger;
  /// Why there is none; starts with what is wrong, without a place.
  std::string problem;
  bool is_other_version = false;
};

/// Reads a document. Fields that may be missing have their defaults; unknown fields are a problem,
/// because a writer that does not know them would lose them.
LedgerReading ParseLedger(std::string_view bytes);

}  // namespace omnigraph::cluster
