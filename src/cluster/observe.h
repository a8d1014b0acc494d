// Looks at what is really there: graph roots and catalog payloads. Reads only.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/finding.h"
#include "cluster/ledger.h"
#include "cluster/machine.h"
#include "cluster/storage.h"

namespace omnigraph::cluster {

/// What stands at a graph root.
struct RootReading {
  enum class State : unsigned char {
    kAbsent,
    kHalfCreated,  ///< Only what a creation leaves that broke off: counts as absent.
    kGraph,
    kUnopenable,  ///< Objects that do not make a graph.
    kUnknown,     ///< The store could not be asked.
  };
  State state = State::kAbsent;
  LiveGraph live;       ///< kGraph.
  std::string message;  ///< kUnopenable, kUnknown.

  bool is_absent() const { return state == State::kAbsent || state == State::kHalfCreated; }
};

/// Whether a failure to look at something says nothing of what is there.
bool IsOutage(const Status& failure);

RootReading ReadRoot(const Storage& storage, GraphGate& graphs, std::string_view graph);

/// The entry of the ledger's `observations` for a graph.
std::string ObservationJson(const Storage& storage, std::string_view graph,
                            const RootReading& reading, const std::string& desired_schema_digest,
                            const std::string& now);

/// What became of a payload.
struct PayloadReading {
  enum class State : unsigned char { kIntact, kMissing, kOther, kUnreadable };
  State state = State::kIntact;
  std::string bytes;    ///< kIntact.
  std::string message;  ///< kOther: the actual digest; kUnreadable: why.
};

/// Reads and re-hashes the payload of a query or policy.
PayloadReading ReadPayload(store::ObjectStore& objects, std::string_view address,
                           std::string_view digest);

/// Checks every payload that `ledger` records, and reports. With `is_recording` the ledger follows:
/// lost and damaged entries go, and statuses say so.
void VerifyPayloads(const Storage& storage, bool is_recording, Ledger& ledger, Findings& findings);

}  // namespace omnigraph::cluster
