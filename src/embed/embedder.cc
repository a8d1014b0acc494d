// Implements embed/embedder.h.

#include "embed/embedder.h"

#include <cmath>

#include "base/hash.h"
#include "embed/provider.h"
#include "embed/settings.h"

namespace omnigraph::embed {
namespace {

constexpr float kNormMin = 1.19e-7F;

class Offline final : public Embedder {
 public:
  Result<std::vector<float>> Embed(std::string_view text, std::uint32_t dimensions, Task,
                                   const Deadline&) override {
    std::uint64_t state = Fnv1a64(text);
    std::vector<float> vector(dimensions);
    for (float& component : vector) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      const auto share = static_cast<float>(static_cast<double>(state) / 18446744073709551615.0);
      component = share * 2 - 1;
    }
    Normalize(&vector);
    return vector;
  }
  std::string_view model() const override { return {}; }
};

class Unusable final : public Embedder {
 public:
  explicit Unusable(Status why) : why_(std::move(why)) {}
  Result<std::vector<float>> Embed(std::string_view, std::uint32_t, Task,
                                   const Deadline&) override {
    return why_;
  }
  std::string_view model() const override { return {}; }

 private:
  Status why_;
};

}  // namespace

void Normalize(std::vector<float>* vector) {
  double squares = 0;
  for (const float component : *vector)
    squares += static_cast<double>(component) * static_cast<double>(component);
  const auto norm = static_cast<float>(std::sqrt(squares));
  if (norm <= kNormMin) return;
  for (float& component : *vector)
    component /= norm;
}

std::shared_ptr<Embedder> OfflineEmbedder() {
  return std::make_shared<Offline>();
}

std::shared_ptr<Embedder> EmbedderFromEnvironment(const Environment& environment) {
  Result<Settings> settings = ReadSettings(environment);
  if (!settings.ok()) return std::make_shared<Unusable>(std::move(settings).status());
  if (settings->wire == Wire::kOffline) return OfflineEmbedder();
  return OpenProvider(*std::move(settings));
}

}  // namespace omnigraph::embed
