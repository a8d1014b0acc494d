// policy: bundles checked, tested and explained. No graph is opened.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "cli/cluster_catalog.h"
#include "cli/files.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "policy/action.h"
#include "policy/bundle.h"
#include "policy/policy_engine.h"
#include "policy/policy_tests.h"

namespace omnigraph::cli {
namespace {

constexpr int kUsageCode = 2;  // As for any other wrong command line.

// A bundle, compiled for what it governs.
struct SelectedPolicy {
  std::string name;  ///< How reports call it: the path, or "bundle 'x'".
  std::string path;  ///< Of the file; empty for a bundle of a cluster.
  std::string graph;
  std::size_t actors_count = 0;
  policy::PolicyEngine engine;
};

policy::BundleKind KindOf(const CommandLine& line, const policy::Bundle& bundle) {
  if (const auto kind = line.Find("kind"))
    return *kind == "server" ? policy::BundleKind::kServer : policy::BundleKind::kGraph;
  return bundle.kind.value_or(policy::BundleKind::kGraph);
}

Result<SelectedPolicy> CompilePolicy(std::string name, std::shared_ptr<const policy::Bundle> bundle,
                                     policy::BundleKind kind, std::string graph) {
  SelectedPolicy selected;
  const std::array<policy::Binding, 1> bindings = {
      policy::Binding{.bundle_name = name, .bundle = bundle, .kind = kind, .graph = graph}};
  OG_ASSIGN_OR_RETURN(selected.engine, policy::PolicyEngine::Compile(bindings));
  selected.name = std::move(name);
  selected.graph = std::move(graph);
  selected.actors_count = bundle->actors_count();
  return selected;
}

Result<SelectedPolicy> SelectPolicy(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  if (line.Has("cluster")) {
    OG_ASSIGN_OR_RETURN(const AppliedPolicy applied, ReadClusterPolicy(invocation));
    const policy::BundleKind kind =
        applied.graph_id.has_value() ? policy::BundleKind::kGraph : policy::BundleKind::kServer;
    return CompilePolicy("bundle '" + applied.policy.name + "'", applied.policy.bundle, kind,
                         applied.graph_id.value_or(""));
  }
  const auto path = line.Has("policy-file") ? line.Find("policy-file") : line.Find("policy");
  if (!path.has_value()) {
    return Status::Error(
        ErrorCode::kInvalidArgument,
        "no policy bundle is named: say which with --policy <PATH>, or --cluster <DIR> for the one "
        "that is applied (policy.file and graphs.<name>.policy.file of omnigraph.yaml are no "
        "longer read)");
  }
  OG_ASSIGN_OR_RETURN(std::string yaml, ReadFile(*path));
  OG_ASSIGN_OR_RETURN(policy::Bundle bundle, policy::ParseBundle(*path, std::move(yaml)));
  const policy::BundleKind kind = KindOf(line, bundle);
  const bool is_graph = kind == policy::BundleKind::kGraph;
  OG_ASSIGN_OR_RETURN(
      SelectedPolicy selected,
      CompilePolicy(*path, std::make_shared<const policy::Bundle>(std::move(bundle)), kind,
                    is_graph ? "default" : ""));
  selected.path = *path;
  return selected;
}

// `--tests`, else policy.tests.yaml beside the bundle, else x.tests.yaml beside x.policy.yaml.
Result<std::string> TestsPath(const CommandLine& line, const SelectedPolicy& selected) {
  if (const auto path = line.Find("tests")) return *path;
  if (selected.path.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "a bundle of a cluster has no folder: name the cases with --tests <PATH>");
  }
  const std::string usual = PathBelow(FolderOf(selected.path), "policy.tests.yaml");
  constexpr std::string_view kEnding = ".policy.yaml";
  if (FileExists(usual) || !selected.path.ends_with(kEnding)) return usual;
  return selected.path.substr(0, selected.path.size() - kEnding.size()) + ".tests.yaml";
}

}  // namespace

Result<int> RunPolicyValidate(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const SelectedPolicy selected, SelectPolicy(invocation));
  OG_RETURN_IF_ERROR(invocation.console().Write("policy valid: " + selected.name + " [" +
                                                std::to_string(selected.actors_count) +
                                                " actors]\n"));
  return 0;
}

Result<int> RunPolicyTest(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const SelectedPolicy selected, SelectPolicy(invocation));
  OG_ASSIGN_OR_RETURN(const std::string path, TestsPath(invocation.line(), selected));
  OG_ASSIGN_OR_RETURN(std::string yaml, ReadFile(path));
  OG_ASSIGN_OR_RETURN(const auto cases, policy::ParsePolicyTests(path, std::move(yaml)));
  OG_ASSIGN_OR_RETURN(const auto results,
                      policy::RunPolicyTests(selected.engine, selected.graph, cases));
  std::string failures;
  for (const policy::PolicyTestResult& result : results)
    if (!result.passed()) failures += "\n" + result.FailureText();
  if (!failures.empty())
    return Status::Error(ErrorCode::kInvalidArgument, "policy tests failed:" + failures);
  OG_RETURN_IF_ERROR(invocation.console().Write(
      "policy tests passed: " + std::to_string(results.size()) + " cases\n"));
  return 0;
}

Result<int> RunPolicyExplain(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  const auto action = policy::FindActionArgument(line.Get("action"));
  if (!action.has_value()) {
    std::vector<std::string> names;
    for (const policy::ActionInfo& info : policy::AllActions())
      names.emplace_back(info.name);
    invocation.console().WriteError("error: unknown action " + Quoted(line.Get("action")) +
                                    ": the actions are " + Join(names, ", ") +
                                    "\n\nFor more information, try '--help'.\n");
    return kUsageCode;
  }
  OG_ASSIGN_OR_RETURN(const SelectedPolicy selected, SelectPolicy(invocation));
  const std::string& actor = line.Get("actor");
  const auto branch = line.Find("branch");
  const auto target_branch = line.Find("target-branch");
  policy::Request request;
  request.action = *action;
  request.graph = selected.graph;
  request.actor = actor;
  if (branch.has_value()) request.branch = *branch;
  if (target_branch.has_value()) request.target_branch = *target_branch;
  OG_ASSIGN_OR_RETURN(const policy::Decision decision, selected.engine.Decide(request));
  OG_RETURN_IF_ERROR(invocation.console().Write(policy::RenderExplanation(request, decision)));
  return 0;
}

}  // namespace omnigraph::cli
