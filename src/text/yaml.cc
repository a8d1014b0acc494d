// Adapter of yaml-cpp: turns its parse events into the strict tree of yaml.h.
//
// The event interface is used instead of yaml-cpp's own nodes because those accept duplicate keys
// and expand aliases before anybody can refuse them.

#include "text/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

namespace omnigraph::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Lets yaml-cpp read the caller's text without a copy.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view view) {
    char* begin = const_cast<char*>(view.data());  // Never written: there is no put area.
    setg(begin, begin, begin + view.size());
  }
};

/// Returns the length of the well-formed UTF-8 sequence at `at`, or 0.
std::size_t Utf8Length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool beyond = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/// Returns the size of the quoted scalar that `text` starts with, quotes included, or 0 if it is
/// not closed.
std::size_t QuotedSize(std::string_view text) {
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      const bool is_doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
      if (!is_doubled) return i + 1;
      ++i;
    }
  }
  return 0;
}

/// Translates places as yaml-cpp counts them to spans of the source.
class Places {
 public:
  /// `skipped` bytes of the source precede what yaml-cpp sees (a byte order mark).
  Places(const Source& source, std::size_t skipped) : source_(source), skipped_(skipped) {}

  const Source& source() const { return source_; }

  /// The character at `offset`, or nothing at the end of the file.
  Span Character(std::size_t offset) const {
    const std::string_view text = source_.text();
    if (offset >= text.size()) return Make(text.size(), 0);
    const std::size_t length = std::max<std::size_t>(Utf8Length(text, offset), 1);
    return Make(offset, text[offset] == '\n' ? 0 : length);
  }

  Span At(const YAML::Mark& mark) const { return Character(Offset(mark)); }

  Span OfAbsent(const YAML::Mark& mark) const { return Make(Offset(mark), 0); }

  /// The scalar that starts at `mark`, if it stands on one line as `value` or in quotes.
  Span OfScalar(const YAML::Mark& mark, std::string_view value) const {
    const std::size_t offset = Offset(mark);
    const std::string_view rest = source_.text().substr(std::min(offset, source_.text().size()));
    if (!value.empty() && rest.starts_with(value)) return Make(offset, value.size());
    const std::size_t size = IsQuoted(mark) ? QuotedSize(rest) : 0;
    const bool is_on_one_line = size > 0 && rest.substr(0, size).find('\n') == rest.npos;
    return is_on_one_line ? Make(offset, size) : Character(offset);
  }

  bool IsQuoted(const YAML::Mark& mark) const {
    const std::size_t offset = Offset(mark);
    const std::string_view text = source_.text();
    return offset < text.size() && (text[offset] == '"' || text[offset] == '\'');
  }

  /// Says whether the quoted scalar at `mark` has its closing quote.
  bool IsClosed(const YAML::Mark& mark) const {
    return QuotedSize(source_.text().substr(Offset(mark))) > 0;
  }

  std::uint32_t LineOf(Span span) const { return source_.PositionOf(span.begin).line; }

 private:
  std::size_t Offset(const YAML::Mark& mark) const {
    return skipped_ + static_cast<std::size_t>(std::max(mark.pos, 0));
  }

  static Span Make(std::size_t begin, std::size_t size) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + size)};
  }

  const Source& source_;
  std::size_t skipped_;
};

/// Finds the first byte that no YAML file may hold; `npos` if there is none.
///
/// yaml-cpp replaces malformed bytes, guesses UTF-16, and takes 0x04 for the end of the file, so
/// rules after it would vanish silently.
std::size_t FindForbiddenByte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_control =
        (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
    const std::size_t length = is_control ? 0 : Utf8Length(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsFloat(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF") return true;
  const std::size_t exponent = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, exponent);
  if (exponent != std::string_view::npos) {
    std::string_view digits = text.substr(exponent + 1);
    if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
    if (!IsDigits(digits)) return false;
  }
  const std::size_t point = mantissa.find('.');
  if (point == std::string_view::npos) return IsDigits(mantissa);
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction = mantissa.substr(point + 1);
  const bool has_digit = !whole.empty() || !fraction.empty();
  return has_digit && (whole.empty() || IsDigits(whole)) &&
         (fraction.empty() || IsDigits(fraction));
}

YamlKind KindOfPlain(std::string_view text) {
  for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return YamlKind::kBool;
  }
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  if (IsDigits(digits)) return YamlKind::kInteger;
  return IsFloat(text) ? YamlKind::kFloat : YamlKind::kText;
}

}  // namespace

std::string_view Describe(YamlKind kind) {
  switch (kind) {
    case YamlKind::kNull:
      return "nothing";
    case YamlKind::kBool:
      return "true or false";
    case YamlKind::kInteger:
      return "an integer";
    case YamlKind::kFloat:
      return "a number";
    case YamlKind::kText:
      return "a text";
    case YamlKind::kSequence:
      return "a list";
    case YamlKind::kMapping:
      return "a mapping";
  }
  return "a value";
}

YamlNode::YamlNode(YamlKind kind, Span span, std::string scalar)
    : kind_(kind), span_(span), scalar_(std::move(scalar)) {}
YamlNode::YamlNode(const YamlNode&) = default;
YamlNode::YamlNode(YamlNode&&) noexcept = default;
YamlNode& YamlNode::operator=(const YamlNode&) = default;
YamlNode& YamlNode::operator=(YamlNode&&) noexcept = default;
YamlNode::~YamlNode() = default;

std::optional<std::int64_t> YamlNode::AsInteger() const {
  if (kind_ != YamlKind::kInteger) return std::nullopt;
  std::string_view digits = scalar_;
  if (digits[0] == '+') digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<bool> YamlNode::AsBool() const {
  if (kind_ != YamlKind::kBool) return std::nullopt;
  return scalar_[0] == 't' || scalar_[0] == 'T';
}

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

/// Builds the tree from yaml-cpp's events. After a limit it ignores the rest: yaml-cpp cannot be
/// stopped, but the input is bounded.
class YamlTreeBuilder : public YAML::EventHandler {
 public:
  YamlTreeBuilder(const Places& places, const YamlLimits& limits, YamlDocument* document)
      : places_(places), limits_(limits), document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    Report(YamlProblemKind::kUnsupported, mark, "anchors are not supported: &" + name);
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    CountNode(mark, "?");
    Add(YamlNode(YamlKind::kNull, places_.OfAbsent(mark)));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Report(YamlProblemKind::kUnsupported, mark, "aliases are not supported; write the value out");
    Add(YamlNode(YamlKind::kNull, places_.At(mark)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    CountNode(mark, tag);
    // yaml-cpp takes the end of the file for the closing quote if a line break precedes it.
    if (tag == "!" && places_.IsQuoted(mark) && !places_.IsClosed(mark)) {
      Report(YamlProblemKind::kSyntax, mark, "invalid YAML: the quote is never closed");
    }
    const YamlKind kind = tag == "?" ? KindOfPlain(value) : YamlKind::kText;
    Add(YamlNode(kind, places_.OfScalar(mark, value), value));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlKind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, YamlKind::kMapping);
  }
  void OnMapEnd() override { Close(); }

  /// Records a problem at the current place of the tree, unless reading was given up before.
  void Report(YamlProblemKind kind, Span span, std::string message) {
    if (stopped_ || document_->problems.size() >= kYamlProblemsMax) return;
    document_->problems.push_back({kind, span, Path(), std::move(message)});
    stopped_ = kind == YamlProblemKind::kLimit;
  }

 private:
  /// A mapping or sequence whose end has not been seen.
  struct OpenNode {
    YamlNode node;
    bool has_key = false;     // Mapping: the next node is the value of `key`.
    bool skip_value = false;  // Mapping: the key was refused, so is what belongs to it.
    std::string key;
    Span key_span;
    std::unordered_map<std::string, Span> spans_of_keys;
  };

  void Report(YamlProblemKind kind, const YAML::Mark& mark, std::string message) {
    Report(kind, places_.At(mark), std::move(message));
  }

  void CountNode(const YAML::Mark& mark, const std::string& tag) {
    if (tag != "?" && tag != "!" && !tag.empty()) {
      Report(YamlProblemKind::kUnsupported, mark, "tags are not supported: " + tag);
    }
    if (++nodes_count_ > limits_.nodes_count_max) {
      Report(YamlProblemKind::kLimit, mark,
             "the file holds more than " + std::to_string(limits_.nodes_count_max) + " values");
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YamlKind kind) {
    CountNode(mark, tag);
    if (open_.size() >= limits_.depth_max) {
      Report(YamlProblemKind::kLimit, mark,
             "values are nested deeper than " + std::to_string(limits_.depth_max) + " levels");
    }
    if (stopped_) {
      ++ignored_depth_;
      return;
    }
    open_.push_back({YamlNode(kind, places_.At(mark)), false, false, {}, {}, {}});
  }

  void Close() {
    if (ignored_depth_ > 0) {
      --ignored_depth_;
      return;
    }
    if (open_.empty()) return;
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (stopped_) return;
    if (open_.empty()) {
      document_->root = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node.kind_ == YamlKind::kSequence) {
      parent.node.items_.push_back(std::move(node));
    } else if (!parent.has_key) {
      SetKey(std::move(node));
    } else {
      if (!parent.skip_value) {
        parent.node.entries_.push_back({std::move(parent.key), parent.key_span, std::move(node)});
      }
      parent.has_key = false;
      parent.skip_value = false;
    }
  }

  void SetKey(YamlNode key) {
    OpenNode& parent = open_.back();
    parent.has_key = true;
    parent.key_span = key.span();
    parent.key = key.scalar();
    if (!key.is_scalar()) {
      parent.skip_value = true;
      parent.has_key = false;  // So that the path of the problem is that of the mapping.
      Report(YamlProblemKind::kUnsupported, key.span(),
             "a key must be a text, found " + std::string(Describe(key.kind())));
      parent.has_key = true;
      return;
    }
    if (parent.key == "<<") {
      Report(YamlProblemKind::kUnsupported, key.span(), "merge keys are not supported");
    }
    const auto [first, added] = parent.spans_of_keys.emplace(parent.key, key.span());
    if (!added) {
      parent.skip_value = true;
      Report(YamlProblemKind::kDuplicateKey, key.span(),
             "duplicate key '" + parent.key + "', first on line " +
                 std::to_string(places_.LineOf(first->second)));
    }
  }

  std::string Path() const {
    std::string path;
    for (const OpenNode& level : open_) {
      if (level.node.kind_ == YamlKind::kSequence) {
        path += '[' + std::to_string(level.node.items_.size()) + ']';
      } else if (level.has_key) {
        if (!path.empty()) path += '.';
        path += level.key;
      }
    }
    return path;
  }

  const Places& places_;
  const YamlLimits& limits_;
  YamlDocument* document_;
  std::vector<OpenNode> open_;
  std::size_t nodes_count_ = 0;
  std::size_t ignored_depth_ = 0;
  bool stopped_ = false;
};

namespace {

/// Ignores everything: only asks whether a second document exists.
class IgnoreEvents : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  const YAML::Mark& start() const { return start_; }

 private:
  YAML::Mark start_;
};

void RunParser(std::string_view yaml, const Places& places, YamlTreeBuilder* builder) {
  try {
    ViewBuffer buffer(yaml);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(*builder)) return;
    IgnoreEvents rest;
    if (parser.HandleNextDocument(rest)) {
      builder->Report(YamlProblemKind::kUnsupported, places.At(rest.start()),
                      "only one document per file is supported");
    }
  } catch (const YAML::Exception& error) {
    builder->Report(YamlProblemKind::kSyntax, places.At(error.mark), "invalid YAML: " + error.msg);
  } catch (const std::exception& error) {
    builder->Report(YamlProblemKind::kSyntax, places.Character(0),
                    std::string("invalid YAML: ") + error.what());
  }
}

}  // namespace

YamlDocument ReadYaml(const Source& source, const YamlLimits& limits) {
  YamlDocument document;
  const std::string_view yaml = source.text();
  if (yaml.size() > limits.size_bytes_max) {
    document.problems.push_back({YamlProblemKind::kLimit,
                                 {},
                                 {},
                                 "the file has " + std::to_string(yaml.size()) +
                                     " bytes, more than the limit of " +
                                     std::to_string(limits.size_bytes_max)});
    return document;
  }
  const std::size_t skipped = yaml.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const Places places(source, skipped);
  YamlTreeBuilder builder(places, limits, &document);
  const std::size_t forbidden = FindForbiddenByte(yaml);
  if (forbidden != std::string_view::npos) {
    builder.Report(YamlProblemKind::kSyntax, places.Character(forbidden),
                   "the file must be UTF-8 text without control characters");
    return document;
  }
  RunParser(yaml.substr(skipped), places, &builder);
  std::stable_sort(
      document.problems.begin(), document.problems.end(),
      [](const YamlProblem& a, const YamlProblem& b) { return a.span.begin < b.span.begin; });
  return document;
}

Result<YamlNode> ParseYaml(const Source& source, const YamlLimits& limits) {
  YamlDocument document = ReadYaml(source, limits);
  if (document.ok()) return std::move(document.root);
  std::vector<Diagnostic> diagnostics;
  for (const YamlProblem& problem : document.problems) {
    diagnostics.push_back(ToDiagnostic(problem));
  }
  Status status = ToStatus(source, diagnostics);
  if (document.problems.front().kind != YamlProblemKind::kLimit) return status;
  return Status::Error(ErrorCode::kResourceExhausted, std::string(status.message()));
}

Diagnostic ToDiagnostic(const YamlProblem& problem, std::string code) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.summary = problem.message;
  diagnostic.primary = {problem.span, problem.path.empty() ? "" : "at " + problem.path};
  return diagnostic;
}

}  // namespace omnigraph::text
