// Implements engine/change_token.h.
//
// A token is `og1_` and the URL-safe base64, without padding, of its fields, each with its length
// in front ("3:abc"), and a checksum.

#include "engine/change_token.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/hash.h"
#include "types/base64.h"

namespace omnigraph::engine {
namespace {

constexpr std::string_view kPrefix = "og1_";
constexpr std::size_t kTokenBytesMax = 16 * 1024;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kFieldsCount = 10;

std::string ChecksumOf(std::string_view bytes) {
  std::array<char, 8> raw{};
  const std::uint64_t checksum = Checksum64(bytes);
  for (std::size_t i = 0; i < raw.size(); ++i)
    raw[i] = static_cast<char>(checksum >> (8 * i) & 0xFF);
  return ToHex({raw.data(), raw.size()});
}

std::string EncodeUrlSafe(std::string_view bytes) {
  std::string text = types::EncodeBase64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

std::optional<std::string> DecodeUrlSafe(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return types::DecodeBase64(padded);
}

void AppendField(std::string_view field, std::string* out) {
  *out += std::to_string(field.size()) + ":";
  *out += field;
}

std::optional<std::vector<std::string>> CutFields(std::string_view bytes) {
  std::vector<std::string> fields;
  while (!bytes.empty()) {
    std::size_t size_bytes = 0;
    const auto [end, error] =
        std::from_chars(bytes.data(), bytes.data() + bytes.size(), size_bytes);
    const auto digits = static_cast<std::size_t>(end - bytes.data());
    if (error != std::errc() || digits >= bytes.size() || bytes[digits] != ':' ||
        size_bytes > bytes.size() - digits - 1) {
      return std::nullopt;
    }
    fields.emplace_back(bytes.substr(digits + 1, size_bytes));
    bytes.remove_prefix(digits + 1 + size_bytes);
  }
  return fields;
}

std::optional<std::uint64_t> NumberIn(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The fields of a token in their order, or none.
std::optional<std::vector<std::string>> FieldsOf(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() > kTokenBytesMax) return std::nullopt;
  const auto bytes = DecodeUrlSafe(text.substr(kPrefix.size()));
  if (!bytes || bytes->size() < kChecksumBytes) return std::nullopt;
  const std::string_view body = std::string_view(*bytes).substr(kChecksumBytes);
  if (ChecksumOf(body) != std::string_view(*bytes).substr(0, kChecksumBytes)) return std::nullopt;
  auto fields = CutFields(body);
  if (!fields || fields->size() != kFieldsCount) return std::nullopt;
  return fields;
}

Status CheckSubject(const TokenSubject& found, const TokenSubject& wanted) {
  if (found.graph_id != wanted.graph_id) return RejectToken("it is of another graph");
  if (found.branch != wanted.branch) {
    return RejectToken("it is of branch '" + found.branch + "', not of '" + wanted.branch + "'");
  }
  if (found.branch_incarnation != wanted.branch_incarnation) {
    return RejectToken("branch '" + wanted.branch +
                       "' was deleted and created again since; capture a new baseline");
  }
  if (found.filter != wanted.filter) {
    return RejectToken("it was made with other filters (kind, type, op); pass the same ones");
  }
  return Status::Ok();
}

}  // namespace

std::string FilterDigest(const ChangeFilter& filter) {
  std::vector<std::string> parts;
  for (const EntityKind kind : filter.kinds)
    parts.push_back("kind=" + std::string(EntityKindName(kind)));
  for (const std::string& name : filter.type_names)
    parts.push_back("type=" + name);
  for (const ChangeOperation operation : filter.operations)
    parts.push_back("op=" + std::string(ChangeOperationName(operation)));
  if (parts.empty()) return "";
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::string text;
  for (const std::string& part : parts)
    AppendField(part, &text);
  constexpr std::size_t kDigits = 16;
  return Sha256Hex(text).substr(0, kDigits);
}

std::string EncodeToken(const ChangeToken& token) {
  const graph::DiffPosition position = token.position.value_or(graph::DiffPosition());
  const std::string_view kind =
      token.position ? graph::RowKindName(position.kind) : std::string_view();
  std::string body;
  AppendField(std::string(1, static_cast<char>(token.use)), &body);
  for (const std::string_view field :
       {std::string_view(token.subject.graph_id), std::string_view(token.subject.branch),
        std::string_view(token.subject.branch_incarnation), std::string_view(token.subject.filter),
        std::string_view(token.commit_id)}) {
    AppendField(field, &body);
  }
  AppendField(std::to_string(token.version), &body);
  AppendField(kind, &body);
  AppendField(std::to_string(position.type), &body);
  AppendField(position.id, &body);
  return std::string(kPrefix) + EncodeUrlSafe(ChecksumOf(body) + body);
}

Result<ChangeToken> DecodeToken(std::string_view text, TokenUse use, const TokenSubject& subject) {
  const auto fields = FieldsOf(text);
  if (!fields) return RejectToken("it is damaged, or was not made by OmniGraph");
  const std::vector<std::string>& f = *fields;
  if (f[0] != std::string(1, static_cast<char>(use))) {
    return RejectToken(use == TokenUse::kCursor
                           ? "it is a page token: pass it as page_token"
                           : "it is no page token of this request; a cursor goes to `cursor`");
  }
  ChangeToken token;
  token.use = use;
  token.subject = {f[1], f[2], f[3], f[4]};
  token.commit_id = f[5];
  const auto version = NumberIn(f[6]);
  const auto type = NumberIn(f[8]);
  if (!version || !type) return RejectToken("it is damaged");
  token.version = *version;
  if (!f[7].empty()) {
    const bool is_node = f[7] == graph::RowKindName(graph::RowKind::kNode);
    token.position = {is_node ? graph::RowKind::kNode : graph::RowKind::kEdge,
                      static_cast<schema::StableId>(*type), f[9]};
  }
  OG_RETURN_IF_ERROR(CheckSubject(token.subject, subject));
  return token;
}

Status RejectToken(std::string_view why) {
  return Status::Error(ErrorCode::kInvalidArgument, "change cursor rejected: " + std::string(why));
}

}  // namespace omnigraph::engine
