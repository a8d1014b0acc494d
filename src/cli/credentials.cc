// Reads and rewrites the credentials file line by line.

#include "cli/credentials.h"

#include <algorithm>

#include "base/strings.h"
#include "cli/files.h"
#include "cli/operator_config.h"

namespace omnigraph::cli {
namespace {

// The name of the section that `line` opens; none if it opens none.
std::optional<std::string_view> SectionOf(std::string_view line) {
  line = TrimSpace(line);
  if (!line.starts_with('[') || !line.ends_with(']')) return std::nullopt;
  return TrimSpace(line.substr(1, line.size() - 2));
}

Status CheckName(std::string_view server) {
  const bool is_bad =
      TrimSpace(server).empty() || std::any_of(server.begin(), server.end(), [](char c) {
        return c == ']' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      });
  if (!is_bad) return Status::Ok();
  return Status::Error(
      ErrorCode::kInvalidArgument,
      "a server name is not empty and has no ']' or control characters; found " + Quoted(server));
}

// The text of the file; empty if there is none.
Result<std::string> ReadPrivate(const std::string& path) {
  const auto permissions = PermissionsOf(path);
  if (!permissions.has_value()) return std::string();
  if ((*permissions & 077U) != 0) {
    std::string mode;
    for (const unsigned shift : {6U, 3U, 0U})
      mode += static_cast<char>('0' + ((*permissions >> shift) & 7U));
    return Status::Error(ErrorCode::kPermissionDenied,
                         "the credentials file '" + path + "' has mode " + mode +
                             ", so others may read or change it: run `chmod 600 " + path + "`");
  }
  return ReadFile(path);
}

std::string_view Unquoted(std::string_view value) {
  const bool is_quoted = value.size() >= 2 && value.front() == value.back() &&
                         (value.front() == '"' || value.front() == '\'');
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::optional<std::string> CredentialsPath(const Environment& environment) {
  auto folder = OperatorFolder(environment);
  if (!folder.has_value()) return std::nullopt;
  return *folder + "/credentials";
}

Result<std::optional<std::string>> FindToken(const std::string& path, std::string_view server) {
  OG_ASSIGN_OR_RETURN(const std::string text, ReadPrivate(path));
  bool is_inside = false;
  for (std::string_view line : Split(text, '\n')) {
    if (const auto section = SectionOf(line)) {
      is_inside = *section == server;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!is_inside || equals == std::string_view::npos) continue;
    if (TrimSpace(line.substr(0, equals)) != "token") continue;
    const std::string_view token = TrimSpace(Unquoted(TrimSpace(line.substr(equals + 1))));
    if (!token.empty()) return std::optional<std::string>(token);
  }
  return std::optional<std::string>();
}

Status StoreToken(const std::string& path, std::string_view server, std::string_view token) {
  OG_RETURN_IF_ERROR(CheckName(server));
  OG_ASSIGN_OR_RETURN(const std::string text, ReadPrivate(path));
  return ReplacePrivateFile(path, ReplaceSection(text, server, token));
}

Status RemoveToken(const std::string& path, std::string_view server) {
  OG_RETURN_IF_ERROR(CheckName(server));
  if (!FileExists(path)) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const std::string text, ReadPrivate(path));
  return ReplacePrivateFile(path, ReplaceSection(text, server, std::nullopt));
}

std::string ReplaceSection(std::string_view text, std::string_view server,
                           const std::optional<std::string_view>& token) {
  std::string section;
  if (token.has_value())
    section = "[" + std::string(server) + "]\ntoken = " + std::string(*token) + "\n";
  std::string out;
  bool is_inside = false;
  bool is_written = false;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find('\n', begin);
    end = end == std::string_view::npos ? text.size() : end + 1;
    const std::string_view line = text.substr(begin, end - begin);
    begin = end;
    if (const auto name = SectionOf(line)) {
      is_inside = *name == server;
      if (is_inside && !is_written) {
        out += section;
        is_written = true;
      }
    }
    if (!is_inside) out += line;
  }
  if (!is_written && token.has_value()) {
    if (!out.empty() && !out.ends_with('\n')) out += '\n';
    out += section;
  }
  return out;
}

std::string TokenVariable(std::string_view server) {
  std::string name = "OMNIGRAPH_TOKEN_";
  for (const char c : server)
    name += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  return name;
}

}  // namespace omnigraph::cli
