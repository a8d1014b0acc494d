// The server's log: one line per event with its fields, on stderr. Tokens and their digests never
// come here.

#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace omnigraph::server {

enum class LogLevel : unsigned char { kDebug, kInfo, kWarn, kError, kOff };

/// `name=value`. The value is quoted and escaped where it is more than a word.
struct LogField {
  std::string_view name;
  std::string_view value;
};

/// Thread-safe. Writing does not wait for the terminal unless thousands of lines are pending.
class EventLog {
 public:
  /// Takes complete lines without a line break.
  using Sink = std::function<void(LogLevel level, std::string_view line)>;

  EventLog(LogLevel least, Sink sink) : least_(least), sink_(std::move(sink)) {}

  /// Writes to stderr, each line with its time. `filter` is the text of RUST_LOG: a level, or
  /// `target=level` directives; what cannot be read means `info`.
  static std::shared_ptr<EventLog> ToStderr(std::string_view filter);

  bool Shows(LogLevel level) const { return level >= least_; }
  void Write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

 private:
  LogLevel least_;
  Sink sink_;
};

/// The level that the text of RUST_LOG sets for this program.
LogLevel ParseLogFilter(std::string_view filter);

}  // namespace omnigraph::server
