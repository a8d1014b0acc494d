// Formats events and hands them to spdlog.

#include "server/event_log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

#include "base/json_writer.h"
#include "base/strings.h"

namespace omnigraph::server {

namespace {

constexpr std::string_view kTarget = "omnigraph_server";
constexpr std::size_t kPendingLinesMax = 8192;

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return " INFO";
    case LogLevel::kWarn:
      return " WARN";
    case LogLevel::kError:
      return "ERROR";
    case LogLevel::kOff:
      break;
  }
  return "  OFF";
}

std::optional<LogLevel> FindLevel(std::string_view word) {
  const std::string name = ToLowerAscii(TrimSpace(word));
  if (name == "trace" || name == "debug") return LogLevel::kDebug;
  if (name == "info") return LogLevel::kInfo;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "error") return LogLevel::kError;
  if (name == "off") return LogLevel::kOff;
  return std::nullopt;
}

bool IsWord(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

struct AsyncLog {
  std::shared_ptr<spdlog::async_logger> logger;
  // Goes first, so that its thread has ended before what it writes to.
  std::shared_ptr<spdlog::details::thread_pool> pool;
};

}  // namespace

LogLevel ParseLogFilter(std::string_view filter) {
  LogLevel level = LogLevel::kInfo;
  std::size_t best_length = 0;  // Of the target that `level` is from; longer ones win.
  for (const std::string_view directive : Split(filter, ',')) {
    const std::size_t equals = directive.find('=');
    const bool is_targeted = equals != std::string_view::npos;
    const std::string_view target = is_targeted ? TrimSpace(directive.substr(0, equals)) : "";
    const auto wanted = FindLevel(is_targeted ? directive.substr(equals + 1) : directive);
    if (!wanted || !kTarget.starts_with(target) || target.size() < best_length) continue;
    level = *wanted;
    best_length = target.size();
  }
  return level;
}

std::shared_ptr<EventLog> EventLog::ToStderr(std::string_view filter) {
  const auto pool = std::make_shared<spdlog::details::thread_pool>(kPendingLinesMax, 1U);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  const auto logger = std::make_shared<spdlog::async_logger>(
      std::string(kTarget), std::move(sink), pool, spdlog::async_overflow_policy::block);
  logger->set_level(spdlog::level::debug);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::warn);
  return std::make_shared<EventLog>(
      ParseLogFilter(filter),
      [log = AsyncLog{logger, pool}](LogLevel level, std::string_view line) {
        log.logger->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
      });
}

void EventLog::Write(LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) {
  if (!Shows(level)) return;
  std::string line;
  line.reserve(160);
  line.append(NameOf(level)).append(" ").append(kTarget).append(": ").append(message);
  for (const LogField& field : fields) {
    line.append(" ").append(field.name).append("=");
    if (!field.value.empty() && IsWord(field.value)) {
      line.append(field.value);
    } else {
      AppendJsonString(field.value, line);
    }
  }
  sink_(level, line);
}

}  // namespace omnigraph::server
