// What a cluster command has to say about something: a stable code, where it is, what to do. The
// list of codes is that of the command reference; a report holds them in the order found.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace omnigraph::cluster {

enum class Severity : unsigned char { kError, kWarning };

struct Finding {
  std::string code;  ///< "state_lock_held".
  Severity severity = Severity::kError;
  /// A key path of `cluster.yaml`, a resource address, or a key relative to the storage root.
  std::string path;
  std::string message;
};

/// Collects findings in the order found.
class Findings {
 public:
  void Error(std::string_view code, std::string path, std::string message);
  void Warn(std::string_view code, std::string path, std::string message);
  void Append(const Findings& other);

  bool has_errors() const { return errors_count_ > 0; }
  bool empty() const { return items_.empty(); }
  const std::vector<Finding>& items() const { return items_; }

  /// Turns every warning into an error (`--deny-warnings`).
  void DenyWarnings();

 private:
  std::vector<Finding> items_;
  std::size_t errors_count_ = 0;
};

}  // namespace omnigraph::cluster
