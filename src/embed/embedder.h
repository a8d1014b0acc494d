// From a text to a vector, by a provider over the network or offline.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/environment.h"
#include "base/status.h"

namespace omnigraph::embed {

/// What a text is: some models place questions elsewhere than the texts that answer them.
enum class Task : unsigned char { kQuery, kDocument };

/// Thread-safe.
class Embedder {
 public:
  virtual ~Embedder() = default;

  /// The vector of a text: `dimensions` numbers, of length 1 unless all are 0.
  ///
  /// Errors: `kInternal` "embedding: …" if there is no provider, it refuses, cannot be reached in
  /// all attempts, or its answer is unusable; `kDeadlineExceeded` for `deadline`. No message holds
  /// a key.
  virtual Result<std::vector<float>> Embed(std::string_view text, std::uint32_t dimensions,
                                           Task task, const Deadline& deadline) = 0;

  /// The model that makes the vectors; empty for the offline vectors, which stand for any.
  virtual std::string_view model() const = 0;
};

/// Deterministic vectors that need no network: equal texts have equal vectors, and that is all.
std::shared_ptr<Embedder> OfflineEmbedder();

/// The provider that the environment configures (settings.h). A mistake in there is the answer of
/// the first call that needs it, so that graphs without such queries never meet it.
std::shared_ptr<Embedder> EmbedderFromEnvironment(const Environment& environment);

/// Divides by the Euclidean length, unless that is practically 0.
void Normalize(std::vector<float>* vector);

}  // namespace omnigraph::embed
