// Counts writes in flight.

#include "server/admission.h"

#include <limits>
#include <optional>

#include "base/strings.h"
#include "server/event_log.h"

namespace omnigraph::server {

namespace {

std::uint64_t ReadLimit(const Environment& environment, EventLog& log, std::string_view name,
                        std::uint64_t fallback, std::uint64_t most) {
  const std::optional<std::string> text = environment(name);
  if (!text) return fallback;
  const std::optional<std::uint64_t> value = ParseUint64(TrimSpace(*text));
  if (value && *value <= most) return *value;
  log.Write(LogLevel::kWarn, "invalid env value, using default",
            {{"env", name},
             {"value", *text},
             {"error", "not an unsigned integer in range"},
             {"default", std::to_string(fallback)}});
  return fallback;
}

}  // namespace

AdmissionLimits ReadAdmissionLimits(const Environment& environment, EventLog& log) {
  AdmissionLimits limits;
  limits.inflight_count_max = static_cast<std::uint32_t>(
      ReadLimit(environment, log, "OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX", limits.inflight_count_max,
                std::numeric_limits<std::uint32_t>::max()));
  limits.inflight_size_bytes_max =
      ReadLimit(environment, log, "OMNIGRAPH_PER_ACTOR_BYTES_MAX", limits.inflight_size_bytes_max,
                std::numeric_limits<std::uint64_t>::max());
  return limits;
}

AdmissionControl::Place::Place(Place&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      actor_(std::move(other.actor_)),
      size_bytes_(other.size_bytes_) {}

AdmissionControl::Place::~Place() {
  if (owner_ != nullptr) owner_->Release(actor_, size_bytes_);
}

Result<AdmissionControl::Place> AdmissionControl::Admit(std::string_view actor,
                                                        std::uint64_t size_bytes) {
  const std::string bucket(actor.empty() ? "anonymous" : actor);
  const std::lock_guard lock(mutex_);
  const auto found = usage_.find(bucket);
  const Usage used = found == usage_.end() ? Usage{} : found->second;
  if (used.count >= limits_.inflight_count_max) {
    return Status::Error(
        ErrorCode::kResourceExhausted,
        "actor in-flight count cap " + std::to_string(limits_.inflight_count_max) + " exceeded");
  }
  if (size_bytes > limits_.inflight_size_bytes_max - used.size_bytes) {
    return Status::Error(ErrorCode::kResourceExhausted,
                         "actor byte budget exceeded: " + std::to_string(size_bytes) +
                             " bytes attempted beside " + std::to_string(used.size_bytes) +
                             " in flight, cap " + std::to_string(limits_.inflight_size_bytes_max));
  }
  usage_[bucket] = {used.count + 1, used.size_bytes + size_bytes};
  return Place(*this, bucket, size_bytes);
}

void AdmissionControl::Release(const std::string& actor, std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = usage_.find(actor);
  found->second.size_bytes -= size_bytes;
  if (--found->second.count == 0) usage_.erase(found);
}

}  // namespace omnigraph::server
