// The reports of optimize, repair and cleanup, as in cli/views.h.

#pragma once

#include <string>

#include "engine/maintenance.h"

namespace omnigraph::cli {

struct OptimizeView {
  std::string uri;
  const engine::OptimizeAnswer& answer;
};
struct RepairView {
  std::string uri;
  bool is_confirmed = false;
  bool is_forced = false;
  const engine::RepairAnswer& answer;
};
struct CleanupView {
  std::string uri;
  std::string policy;
  const engine::CleanupRequest& request;
  const engine::CleanupAnswer& answer;
};

void AppendText(const OptimizeView& view, std::string& out);
void AppendText(const RepairView& view, std::string& out);
void AppendText(const CleanupView& view, std::string& out);
void AppendJson(const OptimizeView& view, std::string& out);
void AppendJson(const RepairView& view, std::string& out);
void AppendJson(const CleanupView& view, std::string& out);

}  // namespace omnigraph::cli
