// Where a command writes and what it may ask: standard output, standard error, standard input.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::cli {

class Console {
 public:
  virtual ~Console() = default;

  /// Results. Errors: `kUnavailable` if the bytes cannot be written (a full disk, a closed pipe).
  virtual Status Write(std::string_view text) = 0;
  /// Errors, warnings and notes. Failures are ignored: there is nowhere to tell them.
  virtual void WriteError(std::string_view text) = 0;
  /// One line of standard input without its end; none at the end of the input.
  virtual std::optional<std::string> ReadLine() = 0;
  /// Whether standard error is a terminal, where progress may be drawn.
  virtual bool is_error_terminal() const = 0;

  /// The streams of the process, unbuffered.
  static std::unique_ptr<Console> System();
};

}  // namespace omnigraph::cli
