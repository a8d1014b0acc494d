// Reads and runs policy test cases.

#include "policy/policy_tests.h"

#include <set>
#include <utility>

#include "base/strings.h"
#include "policy/yaml_fields.h"
#include "text/yaml.h"

namespace omnigraph::policy {
namespace {

using text::YamlNode;

class TestsParser {
 public:
  explicit TestsParser(text::Diagnostics* diagnostics) : diagnostics_(*diagnostics) {}

  std::vector<PolicyTestCase> Parse(const YamlNode& root) {
    std::vector<PolicyTestCase> cases;
    if (!CheckMapping(root, "the policy tests", {"version", "cases"}, &diagnostics_)) return cases;
    CheckVersion(root, "policy test", &diagnostics_);
    const YamlNode* list = FindPresent(root, "cases");
    if (list == nullptr) return cases;
    if (!list->is_sequence()) {
      ReportKind(*list, "'cases'", "a list of test cases", &diagnostics_);
      return cases;
    }
    for (const YamlNode& node : list->items())
      ParseCase(node, &cases);
    return cases;
  }

 private:
  inline static const std::vector<std::string_view> kCaseKeys = {
      "id", "actor", "action", "branch", "target_branch", "query", "expect"};

  void Error(text::Span span, std::string summary, std::string help = {}) {
    diagnostics_.Error({}, span, std::move(summary), std::move(help));
  }

  void ParseCase(const YamlNode& node, std::vector<PolicyTestCase>* cases) {
    if (!CheckMapping(node, "a test case", kCaseKeys, &diagnostics_)) return;
    PolicyTestCase result;
    const YamlNode* id = FindPresent(node, "id");
    if (id != nullptr) result.id = ReadText(*id, "a test case's 'id'", &diagnostics_).value_or("");
    if (id == nullptr || (id->AsText() != nullptr && TrimSpace(result.id).empty())) {
      Error(id == nullptr ? node.span() : id->span(), "test case ids must not be blank");
      return;
    }
    if (!ids_.insert(result.id).second) {
      Error(id->span(), "duplicate policy test case id '" + result.id + "'");
    }
    const std::string what = "test case '" + result.id + "'";
    ParseActor(node, what, &result);
    ParseAction(node, what, &result);
    result.branch = ReadOptionalText(node, "branch", "'branch' of " + what, &diagnostics_);
    result.target_branch =
        ReadOptionalText(node, "target_branch", "'target_branch' of " + what, &diagnostics_);
    result.query = ReadOptionalText(node, "query", "'query' of " + what, &diagnostics_);
    ParseExpectation(node, what, &result);
    cases->push_back(std::move(result));
  }

  void ParseActor(const YamlNode& node, const std::string& what, PolicyTestCase* result) {
    const YamlNode* actor = FindPresent(node, "actor");
    if (actor != nullptr && actor->AsText() == nullptr) {
      ReportKind(*actor, "'actor' of " + what, "a text", &diagnostics_);
      return;
    }
    if (actor != nullptr) result->actor = TrimSpace(actor->scalar());
    if (result->actor.empty()) {
      Error(actor == nullptr ? node.span() : actor->span(), what + " must not use a blank actor");
    }
  }

  void ParseAction(const YamlNode& node, const std::string& what, PolicyTestCase* result) {
    const YamlNode* action = FindPresent(node, "action");
    if (action == nullptr) {
      Error(node.span(), what + " must have an 'action'");
      return;
    }
    const std::optional<Action> found = FindAction(action->scalar());
    if (found.has_value()) {
      result->action = *found;
      return;
    }
    std::vector<std::string_view> names;
    for (const ActionInfo& info : AllActions())
      names.push_back(info.name);
    const std::string_view near = text::DidYouMean(action->scalar(), names);
    Error(action->span(), what + " has the unknown action '" + action->scalar() + "'",
          near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
  }

  void ParseExpectation(const YamlNode& node, const std::string& what, PolicyTestCase* result) {
    const YamlNode* expect = FindPresent(node, "expect");
    const std::string_view value = expect == nullptr ? "" : std::string_view(expect->scalar());
    if (value == "allow" || value == "deny") {
      result->expects_allow = value == "allow";
      return;
    }
    Error(expect == nullptr ? node.span() : expect->span(),
          "'expect' of " + what + " must be allow or deny");
  }

  text::Diagnostics& diagnostics_;
  std::set<std::string> ids_;
};

template <typename View>
std::optional<std::string_view> ViewOf(const View& text) {
  if (!text.has_value()) return std::nullopt;
  return std::string_view(*text);
}

}  // namespace

Result<std::vector<PolicyTestCase>> ParsePolicyTests(std::string name, std::string yaml) {
  const text::Source source(std::move(name), std::move(yaml));
  text::Diagnostics diagnostics;
  const text::YamlDocument document = text::ReadYaml(source);
  std::vector<PolicyTestCase> cases;
  if (AddYamlProblems(document, &diagnostics)) {
    cases = TestsParser(&diagnostics).Parse(document.root);
  }
  if (!diagnostics.has_errors()) return cases;
  return text::ToStatus(source, std::move(diagnostics).Take());
}

std::string PolicyTestResult::FailureText() const {
  return id + (expected_allow ? ": expected Allow but got deny" : ": expected Deny but got allow");
}

Result<std::vector<PolicyTestResult>> RunPolicyTests(const PolicyEngine& engine,
                                                     std::string_view graph,
                                                     const std::vector<PolicyTestCase>& cases) {
  std::vector<PolicyTestResult> results;
  results.reserve(cases.size());
  for (const PolicyTestCase& test : cases) {
    const Request request = {.action = test.action,
                             .graph = graph,
                             .actor = test.actor,
                             .branch = ViewOf(test.branch),
                             .target_branch = ViewOf(test.target_branch),
                             .query = ViewOf(test.query)};
    OG_ASSIGN_OR_RETURN(Decision decision, engine.Decide(request));
    results.push_back({test.id, test.expects_allow, std::move(decision)});
  }
  return results;
}

}  // namespace omnigraph::policy
