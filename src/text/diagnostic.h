// A message about a place in a text, as data. Parsers and checkers collect them; this file renders
// them, once for people and once for programs.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "text/source.h"

namespace omnigraph::text {

enum class Severity : unsigned char { kError, kWarning };

/// A span with a few words about it.
struct Label {
  Span span;
  std::string text;  ///< "not declared in people.pg"; may be empty.
};

struct Diagnostic {
  std::string code;  ///< "T6"; empty for plain syntax errors.
  Severity severity = Severity::kError;
  std::string summary;             ///< One line, no full stop.
  Label primary;                   ///< Where the caret stands.
  std::vector<Label> secondary{};  ///< Other places involved, for example an earlier declaration.
  std::string help{};              ///< What to do; may be empty.
};

/// Collects at most 20 errors (warnings do not count), one per position.
class Diagnostics {
 public:
  static constexpr std::size_t kErrorsMax = 20;

  /// Drops a repetition: same position and code as one that is there.
  void Add(Diagnostic diagnostic);
  /// An error with one label.
  void Error(std::string code, Span span, std::string summary, std::string help = {});

  bool has_errors() const { return errors_count_ > 0; }
  bool is_full() const { return errors_count_ >= kErrorsMax; }
  bool empty() const { return items_.empty(); }
  /// Sorted by position.
  std::vector<Diagnostic> Take() &&;
  const std::vector<Diagnostic>& items() const { return items_; }

 private:
  std::vector<Diagnostic> items_;
  std::size_t errors_count_ = 0;
};

/// Renders one message for people:
///
///   error[T6]: type Person has no property 'emial'
///    --> people.gq:5:8
///     |
///   5 |     $f.emial != $p.email
///     |        ^^^^^ not declared in people.pg
///     = help: a similar property exists: 'email'
///
/// Lines over 120 columns are cut round the span; tabs are kept so that carets line up. No colours.
std::string Render(const Source& source, const Diagnostic& diagnostic);

/// All of them, separated by blank lines.
std::string Render(const Source& source, const std::vector<Diagnostic>& diagnostics);

/// One diagnostic as a JSON object (code, severity, summary, labels with begin/end, help).
void AppendJson(const Source& source, const Diagnostic& diagnostic, std::string& out);

/// `kInvalidArgument` with the rendering of all errors, or OK if there is none among them.
Status ToStatus(const Source& source, const std::vector<Diagnostic>& diagnostics);

/// The candidate nearest to `name` by edits (insert, delete, replace, swap of neighbours; case is
/// ignored), or an empty text when none is near enough (a third of its length, at least one edit).
std::string_view DidYouMean(std::string_view name, const std::vector<std::string_view>& candidates);

}  // namespace omnigraph::text
