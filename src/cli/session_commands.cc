// login, logout and version.

#include <string>

#include "base/strings.h"
#include "cli/credentials.h"
#include "cli/handlers.h"
#include "cli/invocation.h"

namespace omnigraph::cli {
namespace {

Result<std::string> RequiredCredentialsPath(Invocation& invocation) {
  if (auto path = CredentialsPath(invocation.environment())) return *std::move(path);
  return Status::Error(ErrorCode::kNotFound,
                       "there is no place for credentials: set OMNIGRAPH_HOME or HOME");
}

}  // namespace

Result<int> RunLogin(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  const std::string& server = line.Get("NAME");
  OG_ASSIGN_OR_RETURN(const std::string path, RequiredCredentialsPath(invocation));
  OG_ASSIGN_OR_RETURN(const OperatorConfig* person, invocation.Operator());
  std::optional<std::string> typed = line.Find("token");
  if (!typed.has_value()) typed = invocation.console().ReadLine();
  const std::string token(TrimSpace(typed.value_or("")));
  if (token.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "no token provided: pass --token <TOKEN>, or one line on stdin");
  }
  OG_RETURN_IF_ERROR(StoreToken(path, server, token));
  const bool is_declared = person->servers.contains(server);
  if (!is_declared) {
    invocation.Note("server '" + server + "' is not declared yet; add to " + person->path +
                    ":\n  servers:\n    " + server + ": { url: https://... }");
  }
  OG_RETURN_IF_ERROR(invocation.Print(LoginView{server, path, is_declared}));
  return 0;
}

Result<int> RunLogout(Invocation& invocation) {
  const std::string& server = invocation.line().Get("NAME");
  OG_ASSIGN_OR_RETURN(const std::string path, RequiredCredentialsPath(invocation));
  OG_RETURN_IF_ERROR(RemoveToken(path, server));
  OG_RETURN_IF_ERROR(invocation.Print(LogoutView{server, path}));
  return 0;
}

Result<int> RunVersion(Invocation& invocation) {
  OG_RETURN_IF_ERROR(invocation.console().Write("omnigraph " + invocation.version() + "\n"));
  return 0;
}

}  // namespace omnigraph::cli
