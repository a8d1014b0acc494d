// The operator's tokens: sections `[server]` with `token = …` in a file that only its owner may
// read. Other sections survive every change byte for byte.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/status.h"

namespace omnigraph::cli {

/// Where the tokens are kept; none if there is no home folder.
std::optional<std::string> CredentialsPath(const Environment& environment);

// Errors of the following: `kPermissionDenied` if others may touch the file (naming its mode and
// `chmod 600`), and what the system says.

/// The token of a server; none if there is no file, no section or a blank token.
Result<std::optional<std::string>> FindToken(const std::string& path, std::string_view server);

/// Adds or replaces the section of a server.
///
/// Errors: `kInvalidArgument` for a name with `]` or control characters.
Status StoreToken(const std::string& path, std::string_view server, std::string_view token);

/// Drops the section of a server. No file and no section are fine; no file is created.
Status RemoveToken(const std::string& path, std::string_view server);

/// The text of the file with one section replaced, or dropped if there is no token.
std::string ReplaceSection(std::string_view text, std::string_view server,
                           const std::optional<std::string_view>& token);

/// The variable that outranks the file: OMNIGRAPH_TOKEN_DEEP_HUB for "deep-hub".
std::string TokenVariable(std::string_view server);

}  // namespace omnigraph::cli
