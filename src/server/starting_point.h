// The branch that a permission is asked for when something new starts at a branch, tag or commit.

#pragma once

#include <string>

namespace omnigraph::server {

class Call;

/// `from` itself if it is a branch, else the branch on which the commit was made that it names;
/// `from` again if it names nothing. `name` is what is to be created.
std::string BranchOfStart(const Call& call, const std::string& from, const std::string& name);

}  // namespace omnigraph::server
