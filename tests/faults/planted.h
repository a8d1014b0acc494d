// Which planted bug is on. Only the copies of sources that plant.py makes for planted_bugs_test
// ask; the modules themselves, and so every program that is shipped, hold nothing of this.

#pragma once

#include <string_view>

namespace omnigraph::planted {

/// Whether the bug of that name is on; counts that it was asked for.
bool Is(std::string_view bug);

/// Turns one bug on ("" for none) and sets the count of `ReachedCount` to 0.
void Set(std::string_view bug);

/// How often the program came to the bug that is on.
int ReachedCount();

}  // namespace omnigraph::planted
