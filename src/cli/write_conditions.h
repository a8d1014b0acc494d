// What `--if-commit` and `--idempotency-key` ask of a write.

#pragma once

#include "cli/command_line.h"
#include "engine/engine.h"

namespace omnigraph::cli {

engine::WriteConditions ConditionsOf(const CommandLine& line);

}  // namespace omnigraph::cli
