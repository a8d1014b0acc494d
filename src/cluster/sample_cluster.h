// The config folder of the worked example, for tests: a harbour with one graph, two stored queries
// and two policies.

#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "store/test_directory.h"

namespace omnigraph::cluster {

inline constexpr char kHarborYaml[] =
    "version: 1\nmetadata:\n  name: harbor\ngraphs:\n  fleet:\n    schema: fleet.pg\n"
    "    queries: queries/\npolicies:\n  crew:\n    file: policies/crew.policy.yaml\n"
    "    applies_to: [fleet]\n  desk:\n    file: policies/desk.policy.yaml\n"
    "    applies_to: [cluster]\n";
inline constexpr char kFleetPg[] = "node Vessel {\n  imo: String @key\n  name: String\n}\n";
inline constexpr char kVesselsGq[] =
    "query vessel_by_imo($imo: String) {\n  match { $v: Vessel { imo: $imo } }\n"
    "  return { $v.imo, $v.name }\n}\n\nquery all_vessels() {\n  match { $v: Vessel }\n"
    "  return { $v.name }\n}\n";
inline constexpr char kCrewPolicy[] =
    "version: 1\ngroups:\n  crew: [\"act-mate\"]\nprotected_branches: [main]\nrules:\n"
    "  - id: crew-invoke\n    allow:\n      actors: { group: crew }\n"
    "      actions: [invoke_query]\n  - id: crew-read\n    allow:\n      actors: { group: crew }\n"
    "      actions: [read]\n      branch_scope: any\n";
inline constexpr char kDeskPolicy[] =
    "version: 1\ngroups:\n  desk: [\"act-master\"]\nrules:\n  - id: desk-list\n    allow:\n"
    "      actors: { group: desk }\n      actions: [graph_list]\n";
inline constexpr char kScratchPg[] = "node Note {\n  slug: String @key\n}\n";

/// A folder of its own with the sample configuration, removed at the end.
class SampleFolder {
 public:
  SampleFolder() : path_(std::filesystem::path(directory_.path()) / "harbor") {
    Write("cluster.yaml", kHarborYaml);
    Write("fleet.pg", kFleetPg);
    Write("queries/vessels.gq", kVesselsGq);
    Write("policies/crew.policy.yaml", kCrewPolicy);
    Write("policies/desk.policy.yaml", kDeskPolicy);
  }
  std::string path() const { return path_.string(); }

  void Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Edit(const std::string& name, const std::string& before, const std::string& after) const {
    std::string text = Read(name);
    const std::size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << before;
    Write(name, text.replace(at, before.size(), after));
  }
  void Remove(const std::string& name) const { std::filesystem::remove_all(path_ / name); }

  /// Declares a second graph, `scratch`.
  void AddScratch() const {
    Write("scratch.pg", kScratchPg);
    Edit("cluster.yaml", "graphs:\n", "graphs:\n  scratch: { schema: scratch.pg }\n");
  }
  void RemoveScratch() const { Edit("cluster.yaml", "  scratch: { schema: scratch.pg }\n", ""); }

 private:
  const store::TestDirectory directory_;
  const std::filesystem::path path_;
};

}  // namespace omnigraph::cluster
