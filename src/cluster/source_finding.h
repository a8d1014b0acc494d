// Turns what a parser or checker says about a source file into findings of a report.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/finding.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::cluster {

/// "people.gq:5:8: type Person has no property 'emial' (not declared in people.pg); help: …".
std::string OneLine(const text::Source& source, const text::Diagnostic& diagnostic);

/// One error per error among `diagnostics`.
void AddSourceErrors(const text::Source& source, const std::vector<text::Diagnostic>& diagnostics,
                     std::string_view code, const std::string& path, Findings& findings);

/// The warning about a file that lies outside the config folder.
void WarnOutside(const std::string& declared, const std::string& path, Findings& findings);

}  // namespace omnigraph::cluster
