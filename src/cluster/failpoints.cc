// Implements cluster/failpoints.h.

#include "cluster/failpoints.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "base/backoff.h"
#include "base/environment.h"
#include "base/strings.h"

namespace omnigraph::cluster {
namespace {

constexpr int kKilledExitCode = 137;
constexpr std::chrono::milliseconds kLookInterval(10);

/// What stands between the brackets of `name(...)`; nothing if `action` is not such a call.
std::optional<std::string> Argument(std::string_view action, std::string_view name) {
  const bool is_call = action.starts_with(name) && action.size() > name.size() + 1 &&
                       action[name.size()] == '(' && action.ends_with(')');
  if (!is_call) return std::nullopt;
  return std::string(action.substr(name.size() + 1, action.size() - name.size() - 2));
}

Status Injected(std::string_view point, const std::string& what) {
  return Status::Error(ErrorCode::kInternal, "failpoint " + std::string(point) + ": " + what);
}

Status Act(std::string_view point, const std::string& action) {
  if (action == "return") return Injected(point, "stopped here as it was told to");
  if (action == "abort") ::_exit(kKilledExitCode);
  if (const auto file = Argument(action, "wait")) {
    while (!std::filesystem::exists(*file))
      Pause(kLookInterval);
    return Status::Ok();
  }
  const auto pause = Argument(action, "sleep");
  const auto pause_ms = pause ? ParseUint64(*pause) : std::nullopt;
  if (!pause_ms) return Injected(point, "unknown action " + Quoted(action));
  Pause(std::chrono::milliseconds(*pause_ms));
  return Status::Ok();
}

}  // namespace

std::function<Status(std::string_view point)> ParseFailpoints(std::string_view text) {
  std::map<std::string, std::string, std::less<>> actions;
  for (const std::string_view item : Split(text, ';')) {
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    actions.emplace(TrimSpace(item.substr(0, equals)), TrimSpace(item.substr(equals + 1)));
  }
  if (actions.empty()) return {};
  return [actions = std::move(actions)](std::string_view point) {
    const auto found = actions.find(point);
    return found == actions.end() ? Status::Ok() : Act(point, found->second);
  };
}

std::function<Status(std::string_view point)> SystemFailpoints() {
#ifdef NDEBUG
  return {};
#else
  return ParseFailpoints(SystemEnvironment()("OMNIGRAPH_FAILPOINTS").value_or(""));
#endif
}

}  // namespace omnigraph::cluster
