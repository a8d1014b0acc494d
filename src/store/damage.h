// The errors for objects that are not as they were written: they name the object and what to do.

#pragma once

#include <string_view>

#include "base/status.h"

namespace omnigraph::store {

/// `kCorruption`: "object 'key' is damaged: what; restore it …". `what` is a clause about it.
Status DamagedObject(std::string_view key, std::string_view what);

/// The outcome of reading an object that something refers to, so that kNotFound is damage: the
/// object was deleted by somebody else, or with the old commit that needs it by a cleanup.
Status MissingIsDamage(std::string_view key, const Status& read);

}  // namespace omnigraph::store
