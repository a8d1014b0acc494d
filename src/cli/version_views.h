// What tags and reverts have to say, as in cli/views.h.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/versions.h"

namespace omnigraph::cli {

struct TagCreatedView {
  engine::Tag tag;
};
struct TagListView {
  std::vector<engine::Tag> tags;
};
struct TagDeletedView {
  std::string uri;
  std::string name;
  std::optional<std::string> actor;
};
struct RevertView {
  const engine::RevertAnswer& answer;
  bool is_dry_run = false;
  std::optional<std::string> actor;
};

void AppendText(const TagCreatedView& view, std::string& out);
void AppendText(const TagListView& view, std::string& out);
void AppendText(const TagDeletedView& view, std::string& out);
void AppendText(const RevertView& view, std::string& out);
void AppendJson(const TagCreatedView& view, std::string& out);
void AppendJson(const TagListView& view, std::string& out);
void AppendJson(const TagDeletedView& view, std::string& out);
void AppendJson(const RevertView& view, std::string& out);

}  // namespace omnigraph::cli
