// optimize, repair and cleanup: commands on the storage of one graph.

#include <limits>
#include <string>
#include <utility>

#include "base/strings.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/maintenance_views.h"

namespace omnigraph::cli {
namespace {

constexpr std::uint64_t kSecondsPerDay = 86'400;
constexpr std::uint64_t kMaintenanceConcurrencyMax = 256;

Result<int> Printed(const Status& status) {
  if (!status.ok()) return status;
  return 0;
}

Result<std::uint64_t> ParseDuration(std::string_view text) {
  const auto refused = [text] {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "'" + Abbreviate(text) +
                             "' is no duration: write a whole number and one of the units "
                             "s, m, h, d, w, such as 7d (no unit: seconds)");
  };
  std::string_view digits = TrimSpace(text);
  std::uint64_t unit_secs = 1;
  constexpr std::pair<char, std::uint64_t> kUnits[] = {
      {'s', 1}, {'m', 60}, {'h', 3600}, {'d', kSecondsPerDay}, {'w', 7 * kSecondsPerDay}};
  for (const auto& [letter, seconds] : kUnits) {
    if (!digits.ends_with(letter)) continue;
    unit_secs = seconds;
    digits.remove_suffix(1);
    break;
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return refused();
  }
  const auto number = ParseUint64(digits);
  // Microseconds must fit a signed number.
  if (!number ||
      *number > std::uint64_t{std::numeric_limits<std::int64_t>::max()} / 1'000'000 / unit_secs) {
    return refused();
  }
  return *number * unit_secs;
}

std::string PolicyText(const engine::CleanupRequest& request) {
  std::string text;
  if (request.keep_versions) text = "keep " + std::to_string(*request.keep_versions);
  if (request.older_than_secs) {
    if (!text.empty()) text += ", ";
    text += "older than " + std::to_string(*request.older_than_secs) + "s";
  }
  return text;
}

Result<engine::CleanupRequest> CleanupRequestOf(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  engine::CleanupRequest request;
  request.is_dry_run = line.Has("dry-run");
  if (const auto duration = line.Find("older-than")) {
    OG_ASSIGN_OR_RETURN(request.older_than_secs, ParseDuration(*duration));
  }
  if (const auto keep = line.Find("keep")) {
    request.keep_versions = ParseUint64(*keep);
    if (!request.keep_versions) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "--keep takes a whole number, and got " + Quoted(*keep));
    }
  }
  if (!request.keep_versions && !request.older_than_secs) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cleanup requires at least one of --keep or --older-than");
  }
  OG_ASSIGN_OR_RETURN(const auto grace, invocation.Variable("OMNIGRAPH_CLEANUP_GRACE"));
  if (grace) {
    OG_ASSIGN_OR_RETURN(request.grace_secs, ParseDuration(*grace));
  }
  OG_ASSIGN_OR_RETURN(const auto concurrency,
                      invocation.Variable("OMNIGRAPH_MAINTENANCE_CONCURRENCY"));
  if (concurrency) {
    const auto number = ParseUint64(*concurrency);
    if (!number || *number < 1 || *number > kMaintenanceConcurrencyMax) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "OMNIGRAPH_MAINTENANCE_CONCURRENCY takes a whole number from 1 to " +
                               std::to_string(kMaintenanceConcurrencyMax) + ", and got " +
                               Quoted(*concurrency));
    }
    request.concurrency = *number;
  }
  return request;
}

}  // namespace

Result<int> RunOptimize(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kWrite));
  OG_ASSIGN_OR_RETURN(const engine::OptimizeAnswer answer, opened.graph->Optimize(opened.caller));
  return Printed(invocation.Print(OptimizeView{opened.uri, answer}));
}

Result<int> RunRepair(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  const bool is_confirmed = line.Has("confirm");
  OG_ASSIGN_OR_RETURN(
      const OpenedGraph opened,
      OpenGraphAt(invocation, address, is_confirmed ? Access::kWrite : Access::kRead));
  OG_ASSIGN_OR_RETURN(const engine::RepairAnswer answer,
                      opened.graph->Repair(opened.caller, {is_confirmed}));
  OG_RETURN_IF_ERROR(
      invocation.Print(RepairView{opened.uri, is_confirmed, line.Has("force-repair"), answer}));
  for (const engine::RepairAnswer::Table& table : answer.tables) {
    if (table.action != "refused") continue;
    return Status::Error(ErrorCode::kCorruption,
                         "repair refused: rows of table '" + table.table_key + "' are damaged (" +
                             table.error.value_or("") +
                             "); restore the object from a backup of the graph");
  }
  for (const engine::RepairAnswer::Object& object : answer.objects) {
    if (object.action != "refused") continue;
    return Status::Error(ErrorCode::kCorruption, "repair refused: " + object.error);
  }
  return 0;
}

Result<int> RunCleanup(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  OG_ASSIGN_OR_RETURN(const engine::CleanupRequest request, CleanupRequestOf(invocation));
  const std::string policy = PolicyText(request);
  if (!request.is_dry_run && !invocation.line().Has("confirm")) {
    invocation.Note("cleanup of " + address.uri + " (" + policy +
                    ") is destructive — rerun with --confirm, or with --dry-run to see how much "
                    "it would remove");
    return 0;
  }
  const Access access = request.is_dry_run ? Access::kRead : Access::kWrite;
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, access));
  OG_ASSIGN_OR_RETURN(const engine::CleanupAnswer answer,
                      opened.graph->Cleanup(opened.caller, request));
  return Printed(invocation.Print(CleanupView{opened.uri, policy, request, answer}));
}

}  // namespace omnigraph::cli
