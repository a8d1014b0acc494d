// The cluster commands: options in, the report of the control plane out.

#include <atomic>
#include <csignal>
#include <string>
#include <utility>

#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cluster/commands.h"

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
  return Finish(invocation,
                cluster::Plan(InterruptibleMachine(),
                              cluster::PlanOptions{ConfigOptionsOf(invocation.line())}));
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
                                 invocation.line().Get("RESOURCE"), actor));
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

}  // namespace omnigraph::cli
