// Reads the command line of `omnigraph-server`.

#include "server/options.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/strings.h"
#include "text/diagnostic.h"

namespace omnigraph::server {

namespace {

struct ValueOption {
  std::string_view name;
  std::optional<std::string> ServerOptions::* target;
};
constexpr std::array<ValueOption, 7> kValueOptions = {{
    {"--cluster", &ServerOptions::cluster},
    {"--target", &ServerOptions::target},
    {"--config", &ServerOptions::config},
    {"--policy", &ServerOptions::policy},
    {"--queries", &ServerOptions::queries},
    {"--reload-interval", &ServerOptions::reload_interval},
    {"--query-timeout", &ServerOptions::query_timeout},
}};

struct FlagOption {
  std::string_view name;
  bool ServerOptions::* target;
};
constexpr std::array<FlagOption, 8> kFlagOptions = {{
    {"--allow-quarantine", &ServerOptions::allows_quarantine},
    {"--require-all-graphs", &ServerOptions::requires_all_graphs},
    {"--strict-cluster", &ServerOptions::is_strict_cluster},
    {"--unauthenticated", &ServerOptions::is_unauthenticated},
    {"--help", &ServerOptions::asks_for_help},
    {"-h", &ServerOptions::asks_for_help},
    {"--version", &ServerOptions::asks_for_version},
    {"-V", &ServerOptions::asks_for_version},
}};

Status UsageError(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

Status UnknownOption(std::string_view name) {
  std::vector<std::string_view> known = {"--bind"};
  for (const ValueOption& option : kValueOptions)
    known.push_back(option.name);
  for (const FlagOption& option : kFlagOptions)
    known.push_back(option.name);
  std::string message = "unknown option " + Quoted(name);
  const std::string_view near = text::DidYouMean(name, known);
  if (!near.empty()) message += ": did you mean '" + std::string(near) + "'?";
  return UsageError(std::move(message));
}

/// Walks over the arguments once.
class Parser {
 public:
  explicit Parser(std::span<const std::string_view> arguments) : arguments_(arguments) {}

  Result<ServerOptions> Parse() {
    bool is_options_end = false;
    while (at_ < arguments_.size()) {
      const std::string_view argument = arguments_[at_++];
      if (!is_options_end && argument == "--") {
        is_options_end = true;
      } else if (!is_options_end && argument.size() > 1 && argument.front() == '-') {
        OG_RETURN_IF_ERROR(TakeOption(argument));
      } else {
        if (options_.uri) return UsageError("unexpected argument " + Quoted(argument));
        options_.uri = argument;
      }
    }
    return std::move(options_);
  }

 private:
  Status TakeOption(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = argument.substr(equals + 1);
    if (name == "--bind") {
      OG_ASSIGN_OR_RETURN(options_.bind, TakeValue(name, value));
      return Status::Ok();
    }
    for (const ValueOption& option : kValueOptions) {
      if (option.name != name) continue;
      OG_ASSIGN_OR_RETURN(options_.*option.target, TakeValue(name, value));
      return Status::Ok();
    }
    for (const FlagOption& option : kFlagOptions) {
      if (option.name != name) continue;
      if (value) return UsageError("option '" + std::string(name) + "' takes no value");
      OG_RETURN_IF_ERROR(TakeOnce(name));
      options_.*option.target = true;
      return Status::Ok();
    }
    return UnknownOption(name);
  }

  Status TakeOnce(std::string_view name) {
    if (seen_.insert(name).second) return Status::Ok();
    return UsageError("option '" + std::string(name) + "' is given twice");
  }

  Result<std::string> TakeValue(std::string_view name, std::optional<std::string_view> value) {
    OG_RETURN_IF_ERROR(TakeOnce(name));
    if (value) return std::string(*value);
    if (at_ == arguments_.size()) {
      return UsageError("option '" + std::string(name) + "' needs a value");
    }
    return std::string(arguments_[at_++]);
  }

  std::span<const std::string_view> arguments_;
  std::size_t at_ = 0;
  std::set<std::string_view> seen_;
  ServerOptions options_;
};

}  // namespace

Result<ServerOptions> ParseCommandLine(std::span<const std::string_view> arguments) {
  return Parser(arguments).Parse();
}

std::string_view HelpText() {
  return R"(Serves graphs over HTTP.

Usage: omnigraph-server [OPTIONS] [URI]

  URI                   Serve this one graph: a folder, file://… or s3://bucket/prefix

Options:
  --cluster <DIR|URI>   Serve what was applied to this cluster
  --bind <HOST:PORT>    Address to listen on; port 0 lets the system choose
                        [default: 127.0.0.1:8080]
  --policy <FILE>       Policy bundle of the graph of URI
  --queries <PATH>      Stored queries of the graph of URI: a .gq file or a folder of them
  --reload-interval <T> Serve what is newly applied to the cluster, looking every T: 30s, 5m, 1h.
                        SIGHUP looks at once [default: only then]
  --query-timeout <T>   End queries and mutations that take longer than T with 504
                        [default: they end when their client leaves]
  --allow-quarantine    Leave out graphs of the cluster that cannot be served, instead of refusing
                        to start
  --require-all-graphs  Refuse to start without each of them [default]
  --strict-cluster      Leave the schemas of the cluster's graphs to `cluster apply`
  --unauthenticated     Serve everybody when there are neither tokens nor policies
  -h, --help            Print this help
  -V, --version         Print the version

Environment:
  OMNIGRAPH_SERVER_BEARER_TOKENS_JSON   {"<actor>": "<token>", …}
  OMNIGRAPH_SERVER_BEARER_TOKENS_FILE   Path of a file with such an object
  OMNIGRAPH_SERVER_BEARER_TOKEN         One token, for the actor 'default'
  OMNIGRAPH_UNAUTHENTICATED             As --unauthenticated
  OMNIGRAPH_ALLOW_QUARANTINE            As --allow-quarantine
  OMNIGRAPH_REQUIRE_ALL_GRAPHS          As --require-all-graphs
  OMNIGRAPH_RELOAD_INTERVAL             As --reload-interval
  OMNIGRAPH_QUERY_TIMEOUT               As --query-timeout
  OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX      Writes of one actor at a time [default: 16]
  OMNIGRAPH_PER_ACTOR_BYTES_MAX         Their bytes [default: 4294967296]
  RUST_LOG                              Log level: off error warn info debug [default: info]
)";
}

Result<std::chrono::seconds> ParseSeconds(std::string_view what, std::string_view text) {
  const std::string_view trimmed = TrimSpace(text);
  if (trimmed.empty() || trimmed == "0") return std::chrono::seconds(0);
  const auto amount = ParseUint64(trimmed.substr(0, trimmed.size() - 1));
  const char unit = trimmed.back();
  const std::uint64_t unit_seconds = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
  constexpr std::uint64_t kMost = 1'000'000;
  if (!amount || *amount == 0 || *amount > kMost || unit_seconds == 0) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         std::string(what) + " " + Quoted(text) +
                             " is not a duration of at least 1s, such as 30s, 5m or 1h");
  }
  return std::chrono::seconds(*amount * unit_seconds);
}

std::size_t ConnectionsWithin(std::uint64_t files_max, std::size_t wanted) {
  constexpr std::uint64_t kOtherFilesMin = 64;
  const std::uint64_t others = std::max(kOtherFilesMin, files_max / 4);
  if (files_max <= others) return 1;
  return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, files_max - others));
}

Result<BindAddress> ParseBindAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto bad = [&] {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "listen address " + Quoted(text) +
                             " is not of the form host:port, for example 127.0.0.1:8080");
  };
  if (colon == std::string_view::npos || colon == 0) return bad();
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return bad();
  }
  const std::optional<std::uint64_t> port = ParseUint64(text.substr(colon + 1));
  if (host.empty() || !port || *port > 65535) return bad();
  return BindAddress{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool OpensServer(std::string_view value) {
  const std::string_view trimmed = TrimSpace(value);
  return !trimmed.empty() && trimmed != "0" && !EqualsIgnoreAsciiCase(trimmed, "false");
}

}  // namespace omnigraph::server
