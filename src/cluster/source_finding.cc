// Implements cluster/source_finding.h.

#include "cluster/source_finding.h"

#include "base/strings.h"

namespace omnigraph::cluster {

std::string OneLine(const text::Source& source, const text::Diagnostic& diagnostic) {
  const text::Position at = source.PositionOf(diagnostic.primary.span.begin);
  std::string line =
      source.name() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
  if (!diagnostic.code.empty()) line += diagnostic.code + ": ";
  line += diagnostic.summary;
  if (!diagnostic.primary.text.empty()) line += " (" + diagnostic.primary.text + ")";
  if (!diagnostic.help.empty()) line += "; " + diagnostic.help;
  return line;
}

void AddSourceErrors(const text::Source& source, const std::vector<text::Diagnostic>& diagnostics,
                     std::string_view code, const std::string& path, Findings& findings) {
  for (const text::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != text::Severity::kError) continue;
    findings.Error(code, path, OneLine(source, diagnostic));
  }
}

void WarnOutside(const std::string& declared, const std::string& path, Findings& findings) {
  findings.Warn("path_outside_config_dir", path,
                Quoted(declared) +
                    " lies outside the config folder; it is not part of what is "
                    "versioned and deployed with cluster.yaml");
}

}  // namespace omnigraph::cluster
