// The opaque texts by which consumers of changes come back: cursors and page tokens.
//
// A token says how far its consumer has read and what it was reading, so that the graph has to
// remember nothing. It is not secret and grants nothing.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "engine/changes.h"
#include "graph/diff.h"

namespace omnigraph::engine {

enum class TokenUse : char {
  kCursor = 'c',      ///< Of a feed, between two commits.
  kFeedPage = 'f',    ///< Of a feed, within a commit.
  kCommitPage = 'p',  ///< Within the changes of one commit.
};

/// What a consumer reads; a token is good for exactly this.
struct TokenSubject {
  std::string graph_id;
  std::string branch;              ///< Empty for one commit.
  std::string branch_incarnation;  ///< Likewise.
  std::string filter;              ///< `FilterDigest`.
};

struct ChangeToken {
  TokenUse use = TokenUse::kCursor;
  TokenSubject subject;
  /// The last commit that was told as a whole; of `kCommitPage` the commit at hand.
  std::string commit_id;
  std::uint64_t version = 0;  ///< Of that commit.
  /// The last change that was told of the next commit; of pages only.
  std::optional<graph::DiffPosition> position;
};

/// A short name of a filter; the same for lists in another order.
std::string FilterDigest(const ChangeFilter& filter);

std::string EncodeToken(const ChangeToken& token);

/// Errors: `kInvalidArgument` "change cursor rejected: …" if `text` is no token of this use, or was
/// made for another graph, branch, or filter.
Result<ChangeToken> DecodeToken(std::string_view text, TokenUse use, const TokenSubject& subject);

/// "change cursor rejected: " and `why`.
Status RejectToken(std::string_view why);

}  // namespace omnigraph::engine
