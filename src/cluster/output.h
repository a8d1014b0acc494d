// The two faces of every report: JSON with the contract's keys in their order (two-space indent),
// and the text for people. Both end in a line break.

#pragma once

#include <string>

#include "cluster/report.h"

namespace omnigraph::cluster {

std::string ToJson(const ValidateReport& report);
std::string ToJson(const StateReport& report);
std::string ToJson(const PlanReport& report);
std::string ToJson(const ApplyReport& report);
std::string ToJson(const ApproveReport& report);
std::string ToJson(const ForceUnlockReport& report);
std::string ToJson(const HistoryReport& report);
std::string ToJson(const DiffReport& report);

std::string ToText(const ValidateReport& report);
std::string ToText(const StateReport& report);
std::string ToText(const PlanReport& report);
std::string ToText(const ApplyReport& report);
std::string ToText(const ApproveReport& report);
std::string ToText(const ForceUnlockReport& report);
std::string ToText(const HistoryReport& report);
std::string ToText(const DiffReport& report);

/// "ERROR code path: message" and "WARN  code path: message", one line each.
std::string ToText(const Findings& findings);

}  // namespace omnigraph::cluster
