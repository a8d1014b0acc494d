// Bearer tokens: who a presented secret stands for. Read once at start-up; only digests are kept.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/status.h"

namespace omnigraph::server {

class TokenTable {
 public:
  /// Reads the variables OMNIGRAPH_SERVER_BEARER_TOKEN (actor `default`), …_TOKENS_FILE (or, if
  /// that is blank, …_TOKENS_JSON); the entries are merged. No message holds a token.
  ///
  /// Errors: `kInvalidArgument` for a map that is not an object of texts, a blank or repeated
  /// actor, a blank or repeated token, a file that cannot be read, and for
  /// …_TOKENS_AWS_SECRET, which this build does not support.
  static Result<TokenTable> Load(const Environment& environment);

  /// Actors and tokens in clear; checks them as `Load` does.
  static Result<TokenTable> FromPairs(std::vector<std::pair<std::string, std::string>> pairs);

  /// The index of the actor that `token` stands for. The digest of `token` is compared with every
  /// digest of the table, so the time says nothing about which one is near.
  std::optional<std::uint32_t> Find(std::string_view token) const;

  const std::string& actor(std::uint32_t index) const { return entries_[index].actor; }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  /// Actors whose token has fewer than 16 bytes: easy to guess.
  const std::vector<std::string>& weak_actors() const { return weak_actors_; }

 private:
  struct Entry {
    std::string actor;
    std::array<unsigned char, 32> digest;
  };
  std::vector<Entry> entries_;
  std::vector<std::string> weak_actors_;
};

/// What an `Authorization` header holds.
struct Credential {
  bool is_bearer = false;
  std::string_view token;
};

/// Reads `Bearer <token>`: the scheme in any case, any run of spaces before the token.
Credential ParseAuthorization(std::optional<std::string_view> header);

}  // namespace omnigraph::server
