// The JSON pieces that several reports share. For source files only.

#pragma once

#include "cluster/report.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {

Json FindingsJson(const Findings& findings);
Json StateJson(const StateObservations& state);

}  // namespace omnigraph::cluster
