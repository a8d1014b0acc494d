// What cluster commands touch outside the process, handed in so that tests own it.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace omnigraph::store {
class ObjectStore;
}

namespace omnigraph::cluster {

/// What a graph is at this moment, on `main`.
struct LiveGraph {
  std::uint64_t manifest_version = 0;
  std::string schema_digest;   ///< SHA-256 of the accepted source, byte for byte.
  std::string incarnation_id;  ///< The identity that the graph got when it was created.
  std::string schema_source;   ///< What `schema_digest` is the digest of.
};

/// What a change of schema would do.
struct MigrationPreview {
  bool is_supported = true;
  std::string steps_json = "[]";  ///< A JSON array, in the order of execution.
  std::vector<std::string>
      lines;  ///< The same for people: "add_property node Vessel.flag: String?".
  std::vector<std::string> problems{};  ///< Those of `lines` that cannot be executed.
};

/// The graphs of a cluster, by the URI of their root. Thread-safe.
class GraphGate {
 public:
  virtual ~GraphGate() = default;

  /// Errors: `kNotFound` if no graph is there; `kUnavailable` if that cannot be told.
  virtual Result<LiveGraph> Observe(const std::string& root_uri) = 0;

  /// Creates an empty graph. `takes_over`: a creation that broke off left objects there.
  virtual Status Create(const std::string& root_uri, const std::string& schema_source,
                        const std::optional<std::string>& actor, bool takes_over) = 0;

  /// Plans the change to `schema_source` with soft drops, and changes nothing. A change that the
  /// engine does not support is an answer, not an error.
  ///
  /// Errors: `kPreconditionFailed` if branches stand in the way, naming them; as `Observe`.
  virtual Result<MigrationPreview> PreviewSchema(const std::string& root_uri,
                                                 const std::string& schema_source) = 0;

  /// Changes the schema with soft drops, and stores the source also if only its layout changed.
  virtual Status ApplySchema(const std::string& root_uri, const std::string& schema_source,
                             const std::optional<std::string>& actor) = 0;
};

using StoreOpener =
    std::function<Result<std::shared_ptr<store::ObjectStore>>(std::string_view root_uri)>;

struct Machine {
  StoreOpener open_store;
  std::shared_ptr<GraphGate> graphs;
  Clock* clock = nullptr;
  UlidGenerator* ulids = nullptr;
  std::uint64_t pid = 0;
  /// Asked at named points; an error stops there as a crash would. May be empty.
  std::function<Status(std::string_view point)> failpoint;
  /// The signal that asked to stop, 0 while there is none. May be null.
  const std::atomic<int>* stop_signal = nullptr;

  /// Now, as RFC 3339 in UTC.
  std::string Now() const { return FormatUtcMicros(clock->NowMicros()); }
};

/// The real one: stores by URI, graphs through the engine, the system's clock. `stop_signal` may be
/// null.
Machine SystemMachine(const std::atomic<int>* stop_signal = nullptr);

}  // namespace omnigraph::cluster
