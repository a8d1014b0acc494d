// Implements embed/settings.h.

#include "embed/settings.h"

#include <array>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace omnigraph::embed {
namespace {

constexpr std::string_view kGeminiUrl = "https://generativelanguage.googleapis.com/v1beta";

// What one value of OMNIGRAPH_EMBED_PROVIDER stands for.
struct Provider {
  std::string_view name;
  Wire wire;
  std::string_view base_url;
  std::string_view model;
  std::array<std::string_view, 2> keys;  // Variables that may hold the key; the first one set wins.
};

constexpr std::array<Provider, 4> kProviders = {{
    {"openai-compatible",
     Wire::kOpenAi,
     "https://openrouter.ai/api/v1",
     "openai/text-embedding-3-large",
     {"OPENROUTER_API_KEY", "OPENAI_API_KEY"}},
    {"openai",
     Wire::kOpenAi,
     "https://api.openai.com/v1",
     "text-embedding-3-large",
     {"OPENAI_API_KEY", ""}},
    {"gemini", Wire::kGemini, kGeminiUrl, "gemini-embedding-2", {"GEMINI_API_KEY", ""}},
    {"mock", Wire::kOffline, "", "", {"", ""}},
}};

// What is meant when nothing but the key of Gemini is set.
constexpr Provider kGeminiPreview = {
    "gemini", Wire::kGemini, kGeminiUrl, "gemini-embedding-2-preview", {"GEMINI_API_KEY", ""}};

Status Invalid(std::string message) {
  return Status::Error(ErrorCode::kInternal, "embedding: " + std::move(message));
}

class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  Result<Settings> Read() const {
    if (IsTruthy(ToLowerAscii(Text("OMNIGRAPH_EMBEDDINGS_MOCK")))) return Settings{};
    OG_ASSIGN_OR_RETURN(const Provider provider, PickProvider());
    Settings settings;
    settings.wire = provider.wire;
    if (provider.wire == Wire::kOffline) return settings;
    settings.model = TextOr("OMNIGRAPH_EMBED_MODEL", provider.model);
    settings.base_url = BaseUrl(provider);
    settings.timeout = Millis("OMNIGRAPH_EMBED_TIMEOUT_MS", settings.timeout);
    settings.backoff = Millis("OMNIGRAPH_EMBED_RETRY_BACKOFF_MS", settings.backoff);
    settings.deadline = Text("OMNIGRAPH_EMBED_DEADLINE_MS") == "0"
                            ? std::chrono::milliseconds(0)
                            : Millis("OMNIGRAPH_EMBED_DEADLINE_MS", settings.deadline);
    settings.attempts_max = Number("OMNIGRAPH_EMBED_RETRY_ATTEMPTS").value_or(4);
    for (const std::string_view key : provider.keys) {
      if (settings.api_key.empty() && !key.empty()) settings.api_key = Text(key);
    }
    if (settings.api_key.empty()) return Invalid(MissingKey(provider));
    return settings;
  }

 private:
  std::string Text(std::string_view name) const { return environment_(name).value_or(""); }
  bool IsSet(std::string_view name) const { return !Text(name).empty(); }
  std::string TextOr(std::string_view name, std::string_view otherwise) const {
    std::string text = Text(name);
    return text.empty() ? std::string(otherwise) : text;
  }

  // None when unset, zero, negative or no number.
  std::optional<std::uint64_t> Number(std::string_view name) const {
    const auto number = ParseUint64(Text(name));
    constexpr std::uint64_t kMax = 1'000'000'000;
    return number && *number > 0 && *number <= kMax ? number : std::nullopt;
  }
  std::chrono::milliseconds Millis(std::string_view name,
                                   std::chrono::milliseconds otherwise) const {
    const auto number = Number(name);
    return number ? std::chrono::milliseconds(*number) : otherwise;
  }

  Result<Provider> PickProvider() const {
    const std::string name = Text("OMNIGRAPH_EMBED_PROVIDER");
    if (name.empty()) return UsesGeminiPreview() ? kGeminiPreview : kProviders[0];
    std::vector<std::string> known;
    for (const Provider& provider : kProviders) {
      if (provider.name == name) return provider;
      known.emplace_back(provider.name);
    }
    return Invalid("OMNIGRAPH_EMBED_PROVIDER names " + Quoted(name) + "; the providers are " +
                   Join(known, ", "));
  }

  bool UsesGeminiPreview() const {
    for (const std::string_view name : {"OMNIGRAPH_EMBED_BASE_URL", "OMNIGRAPH_EMBED_MODEL",
                                        "OPENROUTER_API_KEY", "OPENAI_API_KEY"}) {
      if (IsSet(name)) return false;
    }
    return IsSet("GEMINI_API_KEY");
  }

  std::string BaseUrl(const Provider& provider) const {
    std::string url = Text("OMNIGRAPH_EMBED_BASE_URL");
    if (url.empty() && provider.wire == Wire::kGemini) url = Text("OMNIGRAPH_GEMINI_BASE_URL");
    if (url.empty()) url = provider.base_url;
    url.erase(url.find_last_not_of('/') + 1);
    return url;
  }

  std::string MissingKey(const Provider& provider) const {
    std::string names(provider.keys[0]);
    if (!provider.keys[1].empty()) names += " or " + std::string(provider.keys[1]);
    if (!IsSet("OMNIGRAPH_EMBED_PROVIDER")) names += ", or GEMINI_API_KEY";
    return "a text needs a provider to become a vector, and there is no key: set " + names +
           ", or pass a vector";
  }

  const Environment& environment_;
};

}  // namespace

Result<Settings> ReadSettings(const Environment& environment) {
  return Reader(environment).Read();
}

}  // namespace omnigraph::embed
