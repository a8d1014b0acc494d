// Reloads the applied revision.

#include "server/reloader.h"

#include <algorithm>

#include "base/strings.h"
#include "server/boot.h"
#include "server/boot_plan.h"

namespace omnigraph::server {

namespace {

constexpr std::int64_t kRetryMicros = 60'000'000;
// An apply removes its recovery records just after the ledger moved.
constexpr std::int64_t kPendingRetryMicros = 2'000'000;
constexpr std::string_view kRecoveryPending = "cluster_recovery_pending";
// Stands for the version of a ledger that cannot be read.
constexpr std::string_view kNoVersion = "unreadable";
// For what is wrong without a diagnostic of the cluster: a graph that does not open, a policy that
// needs tokens.
constexpr std::string_view kOtherProblem = "reload_failed";

}  // namespace

ReloadReport Reloader::Reload() {
  const std::lock_guard lock(attempt_mutex_);
  return ReloadLocked();
}

ReloadReport Reloader::ReloadLocked() {
  const std::shared_ptr<const Site> served = current_.Get();
  ReloadReport report;
  report.at_micros = clock_.NowMicros();
  const auto next = BootAgain(options_, environment_, served, log_, report.codes);
  if (!next.ok()) {
    report.problem = next.status().message();
    if (report.codes.empty()) report.codes.emplace_back(kOtherProblem);
    const auto before = last();
    if (!before || before->problem != report.problem) {
      log_.Write(LogLevel::kError, "reload refused, still serving the previous revision",
                 {{"error", report.problem}});
    }
  } else if (*next != served) {
    const ClusterFacts& facts = *(*next)->cluster;
    tried_version_ = facts.state_cas;
    const bool is_new = facts.generation != served->cluster->generation;
    log_.Write(
        LogLevel::kInfo,
        is_new ? "reloaded the applied revision" : "the ledger moved, what is served did not",
        {{"generation", std::to_string(facts.generation)},
         {"state_revision", std::to_string(facts.state_revision)},
         {"graph_count", std::to_string((*next)->graphs.size())}});
    current_.Replace(*next);
  }
  const std::lock_guard lock(report_mutex_);
  last_ = report;
  if (next.ok()) {
    ++totals_.done_count;
    totals_.last_done_at_micros = report.at_micros;
  } else {
    ++totals_.refused_count;
  }
  return report;
}

bool Reloader::MayRetry(const ReloadReport& refused) const {
  const auto& codes = refused.codes;
  const bool is_pending = std::find(codes.begin(), codes.end(), kRecoveryPending) != codes.end();
  return clock_.NowMicros() - refused.at_micros > (is_pending ? kPendingRetryMicros : kRetryMicros);
}

void Reloader::Poll() {
  const std::lock_guard lock(attempt_mutex_);
  const ClusterFacts facts = *current_.Get()->cluster;
  const auto read = ReadLedgerVersion(facts.root_uri);
  const std::string version = read.ok() ? *read : std::string(kNoVersion);
  const auto before = last();
  const bool was_refused = before && !before->problem.empty();
  if (version == facts.state_cas && !was_refused) return;
  if (version == tried_version_ && !(was_refused && MayRetry(*before))) return;
  tried_version_ = version;
  ReloadLocked();
}

std::optional<ReloadReport> Reloader::last() const {
  const std::lock_guard lock(report_mutex_);
  return last_;
}

ReloadTotals Reloader::totals() const {
  const std::lock_guard lock(report_mutex_);
  return totals_;
}

}  // namespace omnigraph::server
