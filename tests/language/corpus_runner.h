// Runs cases of the language corpus on graphs in memory.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "case_file.h"
#include "engine/engine.h"
#include "schema/catalog.h"

namespace omnigraph::language {

class CorpusRunner {
 public:
  /// `fixtures_folder` holds the schemas and data that cases name.
  explicit CorpusRunner(std::string fixtures_folder)
      : fixtures_folder_(std::move(fixtures_folder)) {}

  /// What went wrong, one text per failed step; empty when the case holds.
  std::vector<std::string> Run(const Case& item);

 private:
  struct Fixture {
    std::shared_ptr<engine::Graph> graph;
    std::shared_ptr<const schema::Catalog> catalog;
  };

  Result<const Fixture*> Open(const std::string& name);
  std::string RunStep(const Step& step, const std::string& branch, const Fixture& fixture);
  std::string RunRead(const Step& step, const std::string& branch, const Fixture& fixture);
  std::string RunMutation(const Step& step, const std::string& branch, const Fixture& fixture);

  std::string fixtures_folder_;
  std::map<std::string, Fixture> fixtures_;
  std::size_t branches_count_ = 0;
};

}  // namespace omnigraph::language
