// What `--if-commit` and `--idempotency-key` ask of a write.

#pragma once

#include "cli/command_line.h"
#include "engine/engine.h"

namespace omnigraph::cli {

/// Errors: `kInvalidArgument` for one that is given and blank: it must not be taken for none.
Result<engine::WriteConditions> ConditionsOf(const CommandLine& line);

}  // namespace omnigraph::cli
