// Reads, checks and finds bearer tokens.

#include "server/tokens.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "base/strings.h"

namespace omnigraph::server {

namespace {

constexpr std::string_view kToken = "OMNIGRAPH_SERVER_BEARER_TOKEN";
constexpr std::string_view kTokensFile = "OMNIGRAPH_SERVER_BEARER_TOKENS_FILE";
constexpr std::string_view kTokensJson = "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON";
constexpr std::string_view kTokensAws = "OMNIGRAPH_SERVER_BEARER_TOKENS_AWS_SECRET";
constexpr std::size_t kWeakTokenBytes = 16;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Status Refused(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

/// The trimmed value of a variable; blank is unset.
std::optional<std::string> Setting(const Environment& environment, std::string_view name) {
  const std::optional<std::string> value = environment(name);
  if (!value) return std::nullopt;
  const std::string_view trimmed = TrimSpace(*value);
  if (trimmed.empty()) return std::nullopt;
  return std::string(trimmed);
}

/// Collects the members of one flat object, repetitions included, and never quotes the text.
class PairCollector final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit PairCollector(Pairs& pairs) : pairs_(pairs) {}

  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_unsigned(number_unsigned_t) override { return false; }
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool string(string_t& value) override {
    if (!is_open_) return false;
    pairs_.back().second = value;
    return true;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return !std::exchange(is_open_, true); }
  bool key(string_t& name) override {
    pairs_.emplace_back(name, "");
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  Pairs& pairs_;
  bool is_open_ = false;
};

Status ParseMap(std::string_view json, const std::string& origin, Pairs& pairs) {
  PairCollector collector(pairs);
  if (nlohmann::json::sax_parse(json, &collector)) return Status::Ok();
  return Refused("read the bearer tokens of " + origin +
                 ": not a JSON object of the form {\"<actor>\": \"<token>\", …}");
}

Result<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) {
    return Refused("read the bearer tokens: " + std::string(kTokensFile) + " names " +
                   Quoted(path) + ", which cannot be read");
  }
  return std::move(text).str();
}

}  // namespace

Result<TokenTable> TokenTable::Load(const Environment& environment) {
  if (Setting(environment, kTokensAws)) {
    return Refused(std::string(kTokensAws) +
                   " is set, but this server was built without `--features aws`: unset it and "
                   "pass the tokens in " +
                   std::string(kTokensFile) + " or " + std::string(kTokensJson));
  }
  Pairs pairs;
  if (const auto token = Setting(environment, kToken)) pairs.emplace_back("default", *token);
  if (const auto path = Setting(environment, kTokensFile)) {
    OG_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(*path));
    const std::string origin = Quoted(*path) + " (same shape as " + std::string(kTokensJson) + ")";
    OG_RETURN_IF_ERROR(ParseMap(text, origin, pairs));
  } else if (const auto json = Setting(environment, kTokensJson)) {
    OG_RETURN_IF_ERROR(ParseMap(*json, std::string(kTokensJson), pairs));
  }
  return FromPairs(std::move(pairs));
}

Result<TokenTable> TokenTable::FromPairs(Pairs pairs) {
  TokenTable table;
  std::set<std::string> actors;
  std::set<std::array<unsigned char, 32>> digests;
  for (const auto& [raw_actor, raw_token] : pairs) {
    const std::string actor(TrimSpace(raw_actor));
    const std::string_view token = TrimSpace(raw_token);
    if (actor.empty())
      return Refused("read the bearer tokens: a token belongs to a blank actor id");
    if (token.empty()) {
      return Refused("read the bearer tokens: actor " + Quoted(actor) + " has a blank token");
    }
    if (!actors.insert(actor).second) {
      return Refused("read the bearer tokens: actor " + Quoted(actor) + " is given twice");
    }
    if (token.size() < kWeakTokenBytes) table.weak_actors_.push_back(actor);
    table.entries_.push_back({actor, Sha256(token)});
    if (!digests.insert(table.entries_.back().digest).second) {
      return Refused("read the bearer tokens: actor " + Quoted(actor) +
                     " has the same token as another actor");
    }
  }
  return table;
}

std::optional<std::uint32_t> TokenTable::Find(std::string_view token) const {
  const std::array<unsigned char, 32> digest = Sha256(token);
  std::uint32_t found = 0;  // One more than the index.
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    unsigned char difference = 0;
    for (std::size_t at = 0; at < digest.size(); ++at) {
      difference = static_cast<unsigned char>(difference | (digest[at] ^ entries_[i].digest[at]));
    }
    const std::uint32_t is_same = (static_cast<std::uint32_t>(difference) - 1U) >> 31U;
    found |= (0U - is_same) & (i + 1);
  }
  if (found == 0) return std::nullopt;
  return found - 1;
}

Credential ParseAuthorization(std::optional<std::string_view> header) {
  if (!header) return {};
  const std::string_view value = TrimSpace(*header);
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view token = TrimSpace(value.substr(space));
  const bool is_ascii =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!EqualsIgnoreAsciiCase(value.substr(0, space), "bearer") || token.empty() || !is_ascii) {
    return {};
  }
  return {true, token};
}

}  // namespace omnigraph::server
