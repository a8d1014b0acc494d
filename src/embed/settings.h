// Which provider makes vectors and how it is called, read from the environment.

#pragma once

#include <chrono>
#include <string>

#include "base/environment.h"
#include "base/status.h"

namespace omnigraph::embed {

/// The form of requests and answers.
enum class Wire : unsigned char {
  kOffline,  ///< None: vectors are made here.
  kOpenAi,   ///< `POST {base}/embeddings` with a bearer token.
  kGemini,   ///< `POST {base}/models/{model}:embedContent` with `x-goog-api-key`.
};

struct Settings {
  Wire wire = Wire::kOffline;
  std::string base_url;  ///< Without a slash at its end.
  std::string model;
  std::string api_key;                        ///< Never part of a message.
  std::chrono::milliseconds timeout{30'000};  ///< Of one request.
  std::uint64_t attempts_max = 4;
  std::chrono::milliseconds backoff{200};      ///< Before the second attempt; doubles each time.
  std::chrono::milliseconds deadline{60'000};  ///< Of all attempts together; 0 is none.
};

/// `OMNIGRAPH_EMBEDDINGS_MOCK` if it means yes; else what `OMNIGRAPH_EMBED_PROVIDER` names; without
/// it Gemini's preview model if `GEMINI_API_KEY` is all there is, else an OpenAI-compatible one.
///
/// Errors: `kInternal` naming the unknown provider, or the variables that could hold the key.
Result<Settings> ReadSettings(const Environment& environment);

}  // namespace omnigraph::embed
