// The graphs of a cluster through the engine's gate.

#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cluster/machine.h"

namespace omnigraph::cluster {

class EngineGraphs final : public GraphGate {
 public:
  explicit EngineGraphs(StoreOpener open_store) : open_store_(std::move(open_store)) {}

  Result<LiveGraph> Observe(const std::string& root_uri) override;
  Status Create(const std::string& root_uri, const std::string& schema_source,
                const std::optional<std::string>& actor, bool takes_over) override;
  Result<MigrationPreview> PreviewSchema(const std::string& root_uri,
                                         const std::string& schema_source) override;
  Status ApplySchema(const std::string& root_uri, const std::string& schema_source,
                     const std::optional<std::string>& actor) override;

 private:
  StoreOpener open_store_;
};

}  // namespace omnigraph::cluster
