// The cluster commands: options in, the report of the control plane out.

#include <atomic>
#include <csignal>
#include <string>
#include <utility>

#include "base/strings.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cluster/commands.h"
#include "cluster/config_file.h"
#include "policy/bundle.h"

namespace omnigraph::cli {
namespace {

// The signal that asked to stop; a handler can reach nothing but a global.
std::atomic<int> stop_signal{0};

void NoteSignal(int signal) {
  stop_signal.store(signal, std::memory_order_relaxed);
}

// The machine of the cluster commands. A signal ends them at their next safe point, where they
// give back the lock.
cluster::Machine InterruptibleMachine() {
  std::signal(SIGINT, NoteSignal);
  std::signal(SIGTERM, NoteSignal);
  return cluster::SystemMachine(&stop_signal);
}

cluster::ConfigOptions ConfigOptionsOf(const CommandLine& line) {
  cluster::ConfigOptions options;
  options.config_dir = line.Find("config-dir").value_or(".");
  options.deny_warnings = line.Has("deny-warnings");
  return options;
}

Result<int> Finish(Invocation& invocation, const cluster::CommandOutcome& outcome) {
  OG_RETURN_IF_ERROR(
      invocation.console().Write(invocation.wants_json() ? outcome.json : outcome.text));
  if (!outcome.error_text.empty()) {
    std::string text = "Error: " + outcome.error_text;
    if (!text.ends_with('\n')) text += '\n';
    invocation.console().WriteError(text);
  }
  const int signal = stop_signal.load(std::memory_order_relaxed);
  return signal != 0 ? 128 + signal : outcome.exit_code;
}

// `--as` alone needs no file. A broken project file is told together with the way round it.
Result<std::optional<std::string>> ClusterActor(Invocation& invocation) {
  auto actor = invocation.Actor();
  if (actor.ok()) return actor;
  return std::move(actor).status().WithContext(
      "cannot find out who acts; name the actor with --as <ACTOR>, or repair omnigraph.yaml or the "
      "operator config");
}

}  // namespace

Result<int> RunClusterValidate(Invocation& invocation) {
  return Finish(invocation,
                cluster::Validate(InterruptibleMachine(), ConfigOptionsOf(invocation.line())));
}

Result<int> RunClusterImport(Invocation& invocation) {
  return Finish(invocation,
                cluster::Import(InterruptibleMachine(), ConfigOptionsOf(invocation.line())));
}

Result<int> RunClusterPlan(Invocation& invocation) {
  cluster::PlanOptions options{ConfigOptionsOf(invocation.line())};
  options.has_detailed_exit_code = invocation.line().Has("detailed-exitcode");
  return Finish(invocation, cluster::Plan(InterruptibleMachine(), options));
}

Result<int> RunClusterApply(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const auto actor, ClusterActor(invocation));
  return Finish(invocation,
                cluster::Apply(InterruptibleMachine(), ConfigOptionsOf(invocation.line()), actor));
}

Result<int> RunClusterApprove(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const auto actor, ClusterActor(invocation));
  return Finish(invocation,
                cluster::Approve(InterruptibleMachine(), ConfigOptionsOf(invocation.line()),
                                 invocation.line().Get("RESOURCE"), actor,
                                 invocation.line().Find("rollback")));
}

Result<int> RunClusterStatus(Invocation& invocation) {
  return Finish(invocation,
                cluster::ShowStatus(InterruptibleMachine(), ConfigOptionsOf(invocation.line())));
}

Result<int> RunClusterRefresh(Invocation& invocation) {
  return Finish(invocation,
                cluster::Refresh(InterruptibleMachine(), ConfigOptionsOf(invocation.line())));
}

Result<int> RunClusterForceUnlock(Invocation& invocation) {
  return Finish(invocation,
                cluster::ForceUnlock(InterruptibleMachine(), ConfigOptionsOf(invocation.line()),
                                     invocation.line().Get("LOCK_ID")));
}

Result<int> RunClusterHistory(Invocation& invocation) {
  constexpr std::uint64_t kRevisionsShown = 20;
  const auto limit = invocation.line().Find("revisions");
  const auto count = limit ? ParseUint64(*limit) : std::optional(kRevisionsShown);
  if (!count || *count == 0) {
    return Status::Error(
        ErrorCode::kInvalidArgument,
        "--limit takes a number of revisions of at least 1, found " + Quoted(*limit));
  }
  return Finish(invocation, cluster::ShowHistory(InterruptibleMachine(),
                                                 ConfigOptionsOf(invocation.line()), *count));
}

Result<int> RunClusterDiff(Invocation& invocation) {
  cluster::DiffOptions options{ConfigOptionsOf(invocation.line()), invocation.line().Get("FROM"),
                               invocation.line().Find("TO").value_or("current"),
                               invocation.line().Has("detailed-exitcode")};
  return Finish(invocation, cluster::ShowDiff(InterruptibleMachine(), options));
}

Result<int> RunClusterRollback(Invocation& invocation) {
  cluster::RollbackOptions options{
      ConfigOptionsOf(invocation.line()), invocation.line().Get("REVISION"),
      invocation.line().Has("confirm"), invocation.line().Has("detailed-exitcode")};
  std::optional<std::string> actor;
  if (options.is_confirmed) {
    OG_ASSIGN_OR_RETURN(actor, ClusterActor(invocation));
  }
  return Finish(invocation, cluster::Rollback(InterruptibleMachine(), options, actor));
}

Result<int> RunClusterSchema(Invocation& invocation) {
  const std::string kind = invocation.line().Find("KIND").value_or("cluster");
  if (kind == "cluster") {
    OG_RETURN_IF_ERROR(invocation.console().Write(cluster::ConfigJsonSchema()));
    return 0;
  }
  if (kind == "policy") {
    OG_RETURN_IF_ERROR(invocation.console().Write(policy::BundleJsonSchema()));
    return 0;
  }
  return Status::Error(ErrorCode::kInvalidArgument,
                       "there is no JSON Schema of " + Quoted(kind) +
                           "; ask for 'cluster' (cluster.yaml) or 'policy' (bundles)");
}

}  // namespace omnigraph::cli
