// Reads the files of `bad/`: many small schemas that must be refused, each with all the diagnostics
// that it gives.
//
//   //// a name for the case
//   //! P1 2:5 expected a type name, found 'person' | a type name begins with A-Z
//   …the schema, up to the next `////`; its lines are counted from 1 here…

#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace omnigraph::schemas {

struct BadCase {
  std::string file;
  std::string name;
  std::vector<std::string> expected;  ///< "P1 2:5 summary | help", in order.
  std::string text;
};

/// All cases of all files, by file name.
Result<std::vector<BadCase>> ReadBadCases();

/// What compiling `text` gives, in the same form.
std::vector<std::string> DiagnosticsOf(const std::string& text);

/// Writes the files anew with what is found now. For `OMNIGRAPH_UPDATE_CORPUS=1`.
Status RewriteBadCases(const std::vector<BadCase>& cases);

}  // namespace omnigraph::schemas
