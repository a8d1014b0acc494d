// Implements schema/format.h: prints the tree item by item and weaves the comments in by position.

#include "schema/format.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

constexpr std::size_t kLineLengthMax = 100;
constexpr std::string_view kIndent = "    ";

std::string QuotedString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + '"';
}

std::string ValueText(const AnnotationValue& value) {
  return value.form == AnnotationValue::Form::kString ? QuotedString(value.text) : value.text;
}

std::string AnnotationText(const AnnotationSyntax& annotation) {
  std::string text = "@" + annotation.name.text;
  if (!annotation.value) return text;
  text += "(" + ValueText(*annotation.value);
  for (const KeywordArgument& keyword : annotation.keywords) {
    text += ", " + keyword.key.text + "=" + ValueText(keyword.value);
  }
  return text + ")";
}

std::string AnnotationsText(const std::vector<AnnotationSyntax>& annotations) {
  std::string text;
  for (const AnnotationSyntax& annotation : annotations)
    text += " " + AnnotationText(annotation);
  return text;
}

std::string NamesText(const std::vector<Name>& names, std::string_view separator) {
  std::vector<std::string> texts;
  for (const Name& name : names)
    texts.push_back(name.text);
  return Join(texts, separator);
}

std::string TypeText(const TypeSyntax& type, bool is_wrapped) {
  std::string text = type.scalar;
  if (type.form == TypeSyntax::Form::kVector) {
    text = "Vector(" + std::to_string(type.dimension) + ")";
  } else if (type.form == TypeSyntax::Form::kEnum && is_wrapped) {
    const std::string separator = "\n" + std::string(kIndent) + std::string(kIndent);
    text = "enum(" + separator + NamesText(type.enum_values, "," + separator) + "\n" +
           std::string(kIndent) + ")";
  } else if (type.form == TypeSyntax::Form::kEnum) {
    text = "enum(" + NamesText(type.enum_values, ", ") + ")";
  } else if (type.is_list) {
    text = "[" + text + "]";
  }
  return text + (type.is_nullable ? "?" : "");
}

std::string PropertyText(const PropertySyntax& property) {
  const std::string head = property.name.text + ": ";
  const std::string tail = AnnotationsText(property.annotations);
  std::string text = head + TypeText(property.type, false) + tail;
  const bool is_long = kIndent.size() + text.size() > kLineLengthMax;
  if (!is_long || property.type.form != TypeSyntax::Form::kEnum) return text;
  return head + TypeText(property.type, true) + tail;
}

class Formatter {
 public:
  Formatter(const text::Source& source, const SchemaSyntax& schema)
      : source_(source), schema_(schema) {}

  std::string Run() {
    for (const DeclarationSyntax& declaration : schema_.declarations)
      Declaration(declaration);
    FlushComments(static_cast<std::uint32_t>(source_.text().size()) + 1, "");
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  std::int64_t LineOf(std::uint32_t offset) const { return source_.PositionOf(offset).line; }
  std::int64_t LastLineOf(text::Span span) const {
    return LineOf(span.end > span.begin ? span.end - 1 : span.end);
  }

  // Begins an output line for something that the source has at `line`.
  void NewLine(std::int64_t line, std::string_view indent) {
    if (!out_.empty()) {
      out_ += '\n';
      if ((line - last_line_ >= 2 || needs_blank_line_) && !is_block_start_) out_ += '\n';
    }
    out_ += indent;
    is_block_start_ = false;
    needs_blank_line_ = false;
  }

  // Prints the comments that begin before `end`: behind what was printed last if they stand on its
  // line, else on lines of their own.
  void FlushComments(std::uint32_t end, std::string_view indent) {
    const std::vector<Comment>& comments = schema_.comments;
    for (; next_comment_ < comments.size(); ++next_comment_) {
      const Comment& comment = comments[next_comment_];
      if (comment.span.begin >= end) return;
      const std::int64_t line = LineOf(comment.span.begin);
      if (!out_.empty() && line == last_line_ && !is_after_line_comment_) {
        out_ += ' ';
        is_block_empty_ = false;
      } else {
        NewLine(line, indent);
        is_block_empty_ = false;
      }
      out_ += CommentText(comment);
      last_line_ = LastLineOf(comment.span);
      is_after_line_comment_ = !comment.is_block;
    }
  }

  std::string CommentText(const Comment& comment) const {
    std::string text;
    for (const char c : source_.At(comment.span)) {
      if (c != '\r') text += c;
    }
    if (!comment.is_block) text.erase(text.find_last_not_of(" \t") + 1);
    return text;
  }

  void Declaration(const DeclarationSyntax& declaration) {
    const text::Span span = declaration.span;
    const std::uint32_t header_end = declaration.has_body ? declaration.body.begin : span.end;
    const bool prints_body = HasBody(declaration);
    if (prints_body && is_after_declaration_) needs_blank_line_ = true;
    FlushComments(header_end, "");
    NewLine(LineOf(span.begin), "");
    out_ += HeaderText(declaration);
    is_after_line_comment_ = false;
    is_after_declaration_ = true;
    if (prints_body) {
      Body(declaration);
      needs_blank_line_ = true;
    }
    last_line_ = LastLineOf(span);
  }

  // An edge without properties, constraints and comments in its body needs none.
  bool HasBody(const DeclarationSyntax& declaration) const {
    if (declaration.kind != TypeKind::kEdge) return true;
    if (!declaration.has_body) return false;
    if (!declaration.properties.empty() || !declaration.constraints.empty()) return true;
    const auto first = std::upper_bound(
        schema_.comments.begin(), schema_.comments.end(), declaration.body.begin,
        [](std::uint32_t begin, const Comment& comment) { return begin < comment.span.begin; });
    return first != schema_.comments.end() && first->span.end < declaration.body.end;
  }

  static std::string HeaderText(const DeclarationSyntax& declaration) {
    std::string text = std::string(TypeKindWord(declaration.kind)) + " " + declaration.name.text;
    if (declaration.kind == TypeKind::kEdge) {
      text += ": " + declaration.from.text + " -> " + declaration.to.text;
    }
    if (const auto& card = declaration.cardinality) {
      text += " @card(" + std::to_string(card->min) + ".." +
              (card->max ? std::to_string(*card->max) : "") + ")";
    }
    text += AnnotationsText(declaration.annotations);
    if (!declaration.implements.empty()) {
      text += " implements " + NamesText(declaration.implements, ", ");
    }
    return text;
  }

  struct Item {
    text::Span span;
    std::string text;
    bool may_join = false;  // Constraints may share the line of what is before them.
  };

  void Body(const DeclarationSyntax& declaration) {
    std::vector<Item> items;
    for (const PropertySyntax& property : declaration.properties) {
      items.push_back({property.span, PropertyText(property), false});
    }
    for (const ConstraintSyntax& constraint : declaration.constraints) {
      items.push_back({constraint.span, ConstraintText(constraint), true});
    }
    std::sort(items.begin(), items.end(),
              [](const Item& a, const Item& b) { return a.span.begin < b.span.begin; });
    out_ += " {";
    last_line_ = LineOf(declaration.body.begin);
    is_block_start_ = true;
    is_block_empty_ = true;
    for (const Item& item : items)
      PrintItem(item);
    FlushComments(declaration.body.end - 1, kIndent);
    if (is_block_empty_) {
      out_ += " }";
    } else {
      out_ += "\n}";
    }
    is_block_start_ = false;
    is_after_line_comment_ = false;
  }

  void PrintItem(const Item& item) {
    FlushComments(item.span.end, kIndent);
    const std::int64_t line = LineOf(item.span.begin);
    if (item.may_join && line == last_line_ && !is_block_start_ && !is_after_line_comment_) {
      out_ += ' ';
    } else {
      NewLine(line, kIndent);
    }
    out_ += item.text;
    last_line_ = LastLineOf(item.span);
    is_after_line_comment_ = false;
    is_block_empty_ = false;
  }

  // Bounds are printed as they were written: 1.50 stays so.
  static std::string ConstraintText(const ConstraintSyntax& constraint) {
    std::string text = "@" + std::string(ConstraintWord(constraint.kind)) + "(" +
                       NamesText(constraint.columns, ", ");
    if (constraint.kind == ConstraintKind::kRange) {
      text += ", " + BoundText(constraint.min) + ".." + BoundText(constraint.max);
    } else if (constraint.kind == ConstraintKind::kCheck) {
      text += ", " + QuotedString(constraint.pattern);
    }
    return text + ")";
  }

  static std::string BoundText(const std::optional<Bound>& bound) {
    if (!bound) return "";
    return bound->text;
  }

  const text::Source& source_;
  const SchemaSyntax& schema_;
  std::string out_;
  std::size_t next_comment_ = 0;
  std::int64_t last_line_ = 0;  // Of the source, where the thing printed last ended.
  bool is_block_start_ = false;
  bool is_block_empty_ = false;
  bool is_after_line_comment_ = false;
  bool is_after_declaration_ = false;
  bool needs_blank_line_ = false;
};

}  // namespace

Result<std::string> FormatSchema(const text::Source& source) {
  text::Diagnostics diagnostics;
  const SchemaSyntax schema = Parse(source, diagnostics);
  if (diagnostics.has_errors()) {
    return text::ToStatus(source, std::move(diagnostics).Take()).WithContext("parse error");
  }
  return Formatter(source, schema).Run();
}

}  // namespace omnigraph::schema
