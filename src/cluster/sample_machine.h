// A machine for tests: a clock that ticks, and graphs that are one small document each in the same
// store as the cluster, so that every fault of the store reaches them too.

#pragma once

#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/machine.h"
#include "cluster/migration_preview.h"
#include "schema/compile.h"
#include "store/object_store.h"

namespace omnigraph::cluster {

/// Ascends by a second at every look.
class TickingClock final : public Clock {
 public:
  std::int64_t NowMicros() override { return now_micros_ += 1'000'000; }

 private:
  std::int64_t now_micros_ = 1'790'000'000'000'000;
};

/// A graph is "<root>/omnigraph.json" (incarnation) and "<root>/refs/main" (version and schema).
class SampleGraphs final : public GraphGate {
 public:
  explicit SampleGraphs(store::ObjectStore& store) : store_(store) {}

  /// Counts opened graphs; says what makes the next change of any graph fail.
  int observed_count = 0;
  std::optional<Status> next_failure;

  Result<LiveGraph> Observe(const std::string& root_uri) override {
    ++observed_count;
    OG_ASSIGN_OR_RETURN(const store::Object claim,
                        store_.Read(Key(root_uri, "omnigraph.json"), 99));
    OG_ASSIGN_OR_RETURN(const store::Object head, ReadHead(root_uri));
    const std::size_t line = head.bytes.find('\n');
    LiveGraph live;
    live.incarnation_id = claim.bytes;
    live.manifest_version = ParseUint64(head.bytes.substr(0, line)).value_or(0);
    live.schema_source = head.bytes.substr(line + 1);
    live.schema_digest = Sha256Hex(live.schema_source);
    return live;
  }

  Status Create(const std::string& root_uri, const std::string& schema_source,
                const std::optional<std::string>& actor, bool takes_over) override {
    last_actor = actor;
    if (next_failure) return *std::exchange(next_failure, std::nullopt);
    const std::string claim = Key(root_uri, "omnigraph.json");
    const auto claimed = store_.Create(claim, UlidGenerator::System().Next());
    if (!claimed.ok() && !(takes_over && claimed.status().code() == ErrorCode::kAlreadyExists)) {
      return claimed.status();
    }
    return store_.Create(Key(root_uri, "refs/main"), "1\n" + schema_source).status();
  }

  Result<MigrationPreview> PreviewSchema(const std::string& root_uri,
                                         const std::string& schema_source) override {
    OG_ASSIGN_OR_RETURN(const store::Object head, ReadHead(root_uri));
    OG_ASSIGN_OR_RETURN(const auto live,
                        schema::CompileSchema(head.bytes.substr(head.bytes.find('\n') + 1)));
    OG_ASSIGN_OR_RETURN(const auto desired, schema::CompileSchema(schema_source));
    return DescribeMigration(schema::PlanMigration(*live->catalog, *desired->catalog));
  }

  Status ApplySchema(const std::string& root_uri, const std::string& schema_source,
                     const std::optional<std::string>& actor) override {
    last_actor = actor;
    if (next_failure) return *std::exchange(next_failure, std::nullopt);
    return Commit(root_uri, schema_source);
  }

  /// Writes a commit with that schema, as somebody beside the control plane would.
  Status Commit(const std::string& root_uri, const std::string& schema_source) {
    OG_ASSIGN_OR_RETURN(const store::Object head, ReadHead(root_uri));
    const std::uint64_t version =
        ParseUint64(head.bytes.substr(0, head.bytes.find('\n'))).value_or(0) + 1;
    OG_ASSIGN_OR_RETURN(
        const store::SwapOutcome outcome,
        store_.CompareAndSwap(Key(root_uri, "refs/main"),
                              std::to_string(version) + "\n" + schema_source, head.version));
    if (outcome.result == store::SwapResult::kApplied) return Status::Ok();
    return Status::Error(ErrorCode::kUnavailable, "the commit's outcome is not known");
  }

  std::optional<std::string> last_actor;

 private:
  Result<store::Object> ReadHead(const std::string& root_uri) {
    return store_.Read(Key(root_uri, "refs/main"), 1 << 20);
  }
  static std::string Key(const std::string& root_uri, const std::string& name) {
    return "graphs/" + root_uri.substr(root_uri.rfind('/') + 1) + "/" + name;
  }

  store::ObjectStore& store_;
};

/// A machine whose every root is `store`.
class SampleMachine {
 public:
  explicit SampleMachine(std::shared_ptr<store::ObjectStore> store)
      : ulids_(clock_, Randomness::System()), graphs_(std::make_shared<SampleGraphs>(*store)) {
    ports.open_store = [store](std::string_view) {
      return Result<std::shared_ptr<store::ObjectStore>>(store);
    };
    ports.graphs = graphs_;
    ports.clock = &clock_;
    ports.ulids = &ulids_;
    ports.pid = 4711;
  }

  SampleGraphs& graphs() { return *graphs_; }

  Machine ports;

 private:
  TickingClock clock_;
  UlidGenerator ulids_;
  std::shared_ptr<SampleGraphs> graphs_;
};

}  // namespace omnigraph::cluster
