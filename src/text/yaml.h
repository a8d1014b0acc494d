// Reads YAML files that people write and that decide over access or data: policy bundles and
// cluster configurations.
//
// A strict subset: one document of mappings, sequences and scalars. Anchors, aliases, tags, merge
// keys, non-text keys, duplicate keys, control characters and more than one document are refused,
// so a file means what it looks like and cannot expand. Every value keeps its place in the text.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::text {

/// What a value is, after the core schema of YAML 1.2. A quoted scalar is always `kText`.
enum class YamlKind : unsigned char {
  kNull,  ///< `null`, `~` or nothing at all.
  kBool,
  kInteger,
  kFloat,
  kText,
  kSequence,
  kMapping,
};

/// Names a kind for messages: "a number", "a list", "nothing".
std::string_view Describe(YamlKind kind);

struct YamlEntry;

/// One value of the tree. Immutable once read; spans refer to the source that was parsed, the node
/// itself holds copies and needs that source no longer.
class YamlNode {
 public:
  YamlNode() = default;
  YamlNode(YamlKind kind, Span span, std::string scalar = {});
  YamlNode(const YamlNode&);
  YamlNode(YamlNode&&) noexcept;
  YamlNode& operator=(const YamlNode&);
  YamlNode& operator=(YamlNode&&) noexcept;
  ~YamlNode();

  YamlKind kind() const { return kind_; }

  /// A scalar on one line from its first to its last character, quotes included; of anything else
  /// only the first character. An absent value has an empty span.
  Span span() const { return span_; }
  bool is_null() const { return kind_ == YamlKind::kNull; }
  bool is_mapping() const { return kind_ == YamlKind::kMapping; }
  bool is_sequence() const { return kind_ == YamlKind::kSequence; }
  bool is_scalar() const { return !is_mapping() && !is_sequence() && !is_null(); }

  /// The characters of a scalar as written, without quotes and with escapes resolved, whatever
  /// its kind (`1.10` stays "1.10"); empty for everything else.
  const std::string& scalar() const { return scalar_; }

  /// The text of a `kText` scalar; null otherwise, so that `id: 1` is not taken for "1".
  const std::string* AsText() const { return kind_ == YamlKind::kText ? &scalar_ : nullptr; }

  /// The value of a `kInteger` scalar that fits; nothing otherwise.
  std::optional<std::int64_t> AsInteger() const;

  /// The value of a `kBool` scalar; nothing otherwise.
  std::optional<bool> AsBool() const;

  /// The items of a sequence, empty for everything else.
  const std::vector<YamlNode>& items() const { return items_; }

  /// The entries of a mapping in the order of the file, empty for everything else.
  const std::vector<YamlEntry>& entries() const { return entries_; }

  /// Finds the value of `key` in a mapping; null if absent or if this is not a mapping.
  /// Cost: linear in the number of entries.
  const YamlNode* Find(std::string_view key) const;

 private:
  friend class YamlTreeBuilder;

  YamlKind kind_ = YamlKind::kNull;
  Span span_;
  std::string scalar_;
  std::vector<YamlNode> items_;
  std::vector<YamlEntry> entries_;
};

struct YamlEntry {
  std::string key;
  Span key_span;
  YamlNode value;
};

/// Bounds on a file. Nothing is read past them.
struct YamlLimits {
  std::size_t size_bytes_max = std::size_t{1} << 20;
  std::size_t depth_max = 32;  ///< Mappings and sequences inside each other.
  std::size_t nodes_count_max = 100'000;
};

/// Why a file was refused.
enum class YamlProblemKind : unsigned char {
  kSyntax,        ///< Not YAML, not UTF-8, or a control character.
  kDuplicateKey,  ///< A mapping holds one key twice.
  kUnsupported,   ///< Valid YAML outside the subset: an anchor, alias, tag, merge or non-text key.
  kLimit,         ///< A bound of `YamlLimits`.
};

struct YamlProblem {
  YamlProblemKind kind = YamlProblemKind::kSyntax;
  Span span;            ///< For a duplicate key: of its later occurrence.
  std::string path;     ///< Where in the tree: `rules[2].allow.branch_scope`; empty at the root.
  std::string message;  ///< One sentence part, without position or file name.
};

/// The outcome of reading a file. The tree is complete only if there are no problems.
struct YamlDocument {
  YamlNode root;
  std::vector<YamlProblem> problems;  ///< In file order, at most `kYamlProblemsMax`.

  bool ok() const { return problems.empty(); }
};

inline constexpr std::size_t kYamlProblemsMax = 20;

/// Reads `source` and reports every problem found. Duplicate keys and unsupported constructs do not
/// stop the reading; a syntax error or a limit does. An empty file is a null root.
YamlDocument ReadYaml(const Source& source, const YamlLimits& limits = {});

/// As `ReadYaml`, with the problems rendered into one status.
///
/// Errors: `kInvalidArgument`; `kResourceExhausted` if a limit was the first problem.
Result<YamlNode> ParseYaml(const Source& source, const YamlLimits& limits = {});

/// The problem as a diagnostic with `code`; the path, if any, stands in the label.
Diagnostic ToDiagnostic(const YamlProblem& problem, std::string code = {});

}  // namespace omnigraph::text
