// How differences and changes look, for people and for programs.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/console.h"
#include "engine/changes.h"

namespace omnigraph::cli {

/// Prints a diff as it comes: a heading, per table its changed rows, and the counts at the end.
class DiffPrinter {
 public:
  enum class Form : unsigned char {
    kRows,  ///< One line per row: "+" inserted, "-" deleted, "~" updated.
    kStat,  ///< One line per table.
    kJson,
  };
  DiffPrinter(Console& console, Form form) : console_(console), form_(form) {}

  Status Start(const engine::DiffHead& head);
  Status Add(const engine::DiffChange& change);
  Status Finish(const engine::DiffStats& stats);

 private:
  struct Counts {
    std::uint64_t inserts = 0;
    std::uint64_t updates = 0;
    std::uint64_t deletes = 0;
  };
  void AddJson(const engine::DiffChange& change);
  void AddLine(const engine::DiffChange& change);
  Status Flush();

  Console& console_;
  const Form form_;
  std::string out_;
  std::string table_key_;  ///< Whose lines come.
  bool has_changes_ = false;
  std::map<std::string, Counts> counts_;  ///< By table key.
};

struct CommitChangesView {
  engine::ChangeBlock block;
};
/// One poll: its pages joined.
struct ChangeFeedView {
  std::vector<engine::ChangeBlock> blocks;
  std::string cursor;
  bool is_caught_up = false;
};
struct BaselineView {
  std::string path;
  engine::BaselineAnswer answer;
};
/// Why there is nothing to print, for programs: the error document of a server.
struct ChangeErrorView {
  std::string text;
  std::string details_key;
  std::string details_json;
};

void AppendText(const CommitChangesView& view, std::string& out);
void AppendText(const ChangeFeedView& view, std::string& out);
void AppendText(const BaselineView& view, std::string& out);
void AppendJson(const CommitChangesView& view, std::string& out);
void AppendJson(const ChangeFeedView& view, std::string& out);
void AppendJson(const BaselineView& view, std::string& out);
void AppendJson(const ChangeErrorView& view, std::string& out);

}  // namespace omnigraph::cli
