// The console of the process, on its file descriptors.

#include "cli/console.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace omnigraph::cli {
namespace {

// Writes everything; the error number of the failure, or 0.
int WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

class SystemConsole final : public Console {
 public:
  Status Write(std::string_view text) override {
    const int error = WriteAll(STDOUT_FILENO, text);
    if (error == 0) return Status::Ok();
    return Status::Error(ErrorCode::kUnavailable, "cannot write to standard output: " +
                                                      std::generic_category().message(error));
  }

  void WriteError(std::string_view text) override { WriteAll(STDERR_FILENO, text); }

  std::optional<std::string> ReadLine() override {
    std::string line;
    char byte = 0;
    while (true) {
      const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      if (byte == '\n') return line;
      line.push_back(byte);
    }
    if (line.empty()) return std::nullopt;
    return line;
  }

  bool is_error_terminal() const override { return ::isatty(STDERR_FILENO) == 1; }
};

}  // namespace

std::unique_ptr<Console> Console::System() {
  return std::make_unique<SystemConsole>();
}

}  // namespace omnigraph::cli
