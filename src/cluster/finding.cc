// Implements cluster/finding.h.

#include "cluster/finding.h"

#include <utility>

#include "base/check.h"
#include "cluster/diagnostic_codes.h"

namespace omnigraph::cluster {

void Findings::Error(std::string_view code, std::string path, std::string message) {
  OG_DCHECK(IsDiagnosticCode(code));
  items_.push_back({std::string(code), Severity::kError, std::move(path), std::move(message)});
  ++errors_count_;
}

void Findings::Warn(std::string_view code, std::string path, std::string message) {
  OG_DCHECK(IsDiagnosticCode(code));
  items_.push_back({std::string(code), Severity::kWarning, std::move(path), std::move(message)});
}

void Findings::Append(const Findings& other) {
  items_.insert(items_.end(), other.items_.begin(), other.items_.end());
  errors_count_ += other.errors_count_;
}

void Findings::DenyWarnings() {
  for (Finding& finding : items_)
    finding.severity = Severity::kError;
  errors_count_ = items_.size();
}

}  // namespace omnigraph::cluster
