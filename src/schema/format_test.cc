// The formatter and the diagram. Random texts check what must hold for all: the meaning stays,
// every comment stays, and formatting twice changes nothing.

#include "schema/format.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "base/strings.h"
#include "schema/compile.h"
#include "schema/diagram.h"
#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

using ::testing::HasSubstr;

std::string Formatted(const std::string& text) {
  Result<std::string> formatted = FormatSchema(text::Source("test.pg", text));
  EXPECT_TRUE(formatted.ok()) << text << "\n" << formatted.status().message();
  return formatted.ok() ? *formatted : "";
}

TEST(FormatTest, PropertiesGetLinesAndCommentsStay) {
  EXPECT_EQ(Formatted(R"(// head

/* b */ interface   Named{name:String@index}
node Person @description ( "a \"b\"\n" )  implements Named,Slug { // trailing

   age :I32 ? @range( age,-1.50.. )   // years
   kind:enum ( b,a )   @key


   // before the constraint
   @unique(age , kind)
   // last
}
edge A:B->C @card( 0..3 )
edge B:C->D{} // two
edge E: F -> G { w: Vector( 3 ) @embed(t,model="x/y") }
// end)"),
            R"(// head

/* b */
interface Named {
    name: String @index
}

node Person @description("a \"b\"\n") implements Named, Slug { // trailing
    age: I32? @range(age, -1.50..) // years
    kind: enum(b, a) @key

    // before the constraint
    @unique(age, kind)
    // last
}

edge A: B -> C @card(0..3)
edge B: C -> D // two

edge E: F -> G {
    w: Vector(3) @embed(t, model="x/y")
}

// end
)");
}

TEST(FormatTest, EmptyThingsStaySmall) {
  EXPECT_EQ(Formatted(""), "");
  EXPECT_EQ(Formatted(" \n\n"), "");
  EXPECT_EQ(Formatted("node A{}"), "node A { }\n");
  EXPECT_EQ(Formatted("node A{/*c*/}"), "node A { /*c*/\n}\n");
  EXPECT_EQ(Formatted("edge A:B->C{\n// c\r\n}"), "edge A: B -> C {\n    // c\n}\n");
  EXPECT_EQ(Formatted("/* only */"), "/* only */\n");
}

TEST(FormatTest, LongEnumsAreWrapped) {
  std::string values;
  for (int i = 0; i < 20; ++i)
    values += (i > 0 ? "," : "") + std::string("value-") + std::to_string(i);
  const std::string once = Formatted("node A { k: enum(" + values + ")? @index b: I32 }");
  EXPECT_THAT(once, HasSubstr("    k: enum(\n        value-0,\n        value-1,\n"));
  EXPECT_THAT(once, HasSubstr("        value-19\n    )? @index\n    b: I32\n"));
  EXPECT_EQ(Formatted(once), once);
}

TEST(FormatTest, SyntaxErrorsAreReportedAndOthersDoNotMatter) {
  const Status status = FormatSchema(text::Source("x.pg", "node a { }")).status();
  EXPECT_EQ(status.code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("parse error: "));
  EXPECT_EQ(Formatted("edge E:Ghost->Ghost"), "edge E: Ghost -> Ghost\n");
}

// Writes random texts that are well-formed but need not mean anything, with comments and white
// space of all kinds between the tokens.
class RandomSchema {
 public:
  explicit RandomSchema(std::uint32_t seed) : random_(seed) {}

  std::string Text() {
    for (int i = Below(5); i >= 0; --i)
      Declaration();
    Gap();
    return text_;
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<std::uint32_t>(limit)); }
  std::string Pick(const std::vector<std::string>& choices) {
    return choices[static_cast<std::size_t>(Below(static_cast<int>(choices.size())))];
  }
  void Gap() {
    text_ += Pick({" ", " ", " ", "\n", "\n\n\n", "\t\r\n"});
    if (Below(6) == 0) {
      text_ +=
          Pick({"// c" + std::to_string(count_) + " \n", "/* b" + std::to_string(count_) + " */",
                "/* m" + std::to_string(count_) + "\n  two */ ", "//\r\n"});
      ++count_;
    }
  }
  void Token(const std::string& token) {
    Gap();
    text_ += token;
  }
  void TypeName() { Token(Pick({"A", "Bc", "String", "D_1"})); }
  void Word() { Token(Pick({"a", "node", "edge", "true", "_x", "enum", "src"})); }
  void Annotation() {
    Token("@");
    Token(Pick({"x", "description", "key", "embed", "enum"}));
    if (text_.ends_with("key") || Below(3) == 0) return;
    Token("(");
    Token(Pick({"\"s // \\\" \\n \\\\\"", "word", "12", "1.50", "true", "\"two\nlines\""}));
    for (int i = Below(2); i > 0; --i) {
      Token(",");
      Word();
      Token("=");
      Token(Pick({"\"v\"", "w", "3"}));
    }
    Token(")");
  }
  void Annotations() {
    for (int i = Below(3); i > 0; --i)
      Annotation();
  }
  void Property() {
    Word();
    Token(":");
    switch (Below(4)) {
      case 0:
        Token(Pick({"String", "I32", "Blob", "DateTime"}));
        break;
      case 1:
        Token("[");
        Token(Pick({"String", "F64"}));
        Token("]");
        break;
      case 2:
        Token("Vector");
        Token("(");
        Token(Pick({"1", "007", "384"}));
        Token(")");
        break;
      default:
        Token("enum");
        Token("(");
        Token("a");
        for (int i = Below(30); i > 0; --i) {
          Token(",");
          Token("v-" + std::to_string(i));
        }
        Token(")");
        break;
    }
    if (Below(2) == 0) Token("?");
    Annotations();
  }
  void Constraint() {
    Token("@");
    Token(Pick({"unique", "index", "key", "range", "check"}));
    const bool is_range = text_.ends_with("range");
    const bool is_check = text_.ends_with("check");
    Token("(");
    Word();
    if (is_check) {
      Token(",");
      Token(R"("^\\d+\"")");
    } else if (is_range) {
      Token(",");
      Token(Pick({"0..5", "-1.50 ..", ".. -3", "99999999999999999999 .. 1.0"}));
    } else if (Below(2) == 0) {
      Token(",");
      Word();
    }
    Token(")");
  }

  void Declaration() {
    const int kind = Below(3);
    Token(kind == 0 ? "node" : kind == 1 ? "interface" : "edge");
    TypeName();
    if (kind == 2) {
      Token(":");
      TypeName();
      Token("->");
      TypeName();
      if (Below(2) == 0) {
        Token("@card");
        Token("(");
        Token(Pick({"0..", "1 ..1", "2 .. 03"}));
        Token(")");
      }
    }
    if (kind != 1) Annotations();
    if (kind == 0 && Below(2) == 0) {
      Token("implements");
      TypeName();
      if (Below(2) == 0) {
        Token(",");
        TypeName();
      }
    }
    if (kind == 2 && Below(2) == 0) return;
    Token("{");
    for (int i = Below(4); i > 0; --i) {
      Property();
      if (kind != 1 && Below(2) == 0) Constraint();
    }
    Token("}");
  }

  std::mt19937 random_;
  std::string text_;
  int count_ = 0;
};

std::vector<std::string> CommentsOf(const text::Source& source, const SchemaSyntax& schema) {
  std::vector<std::string> comments;
  for (const Comment& comment : schema.comments) {
    std::string text(TrimSpace(source.At(comment.span)));
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    comments.push_back(text);
  }
  return comments;
}

TEST(FormatTest, RandomTextsKeepMeaningAndCommentsAndFormatOnce) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    const text::Source source("random.pg", RandomSchema(seed).Text());
    text::Diagnostics diagnostics;
    const SchemaSyntax tree = Parse(source, diagnostics);
    ASSERT_FALSE(diagnostics.has_errors()) << "seed " << seed << "\n"
                                           << Render(source, diagnostics.items());

    const text::Source once("once.pg", Formatted(std::string(source.text())));
    const SchemaSyntax again = Parse(once, diagnostics);

    ASSERT_FALSE(diagnostics.has_errors()) << "seed " << seed << "\n" << once.text();
    ASSERT_TRUE(again == tree) << "seed " << seed << "\n" << source.text() << "\n" << once.text();
    ASSERT_EQ(CommentsOf(once, again), CommentsOf(source, tree)) << "seed " << seed;
    ASSERT_EQ(Formatted(std::string(once.text())), once.text()) << "seed " << seed << "\n"
                                                                << source.text();
  }
}

TEST(DiagramTest, ShowsKeysNullabilityAndCardinalities) {
  const auto schema = *CompileSchema(R"(
node Person { name: String @key age: I32? mail: String? @unique kind: enum(b, a)? tags: [String] }
node Pet { vec: Vector(3) }
edge Owns: Person -> Pet @card(1..1) { since: Date? @unique(dst) }
edge Knows: Person -> Person
edge Feeds: Person -> Pet @card(1..)
)");
  EXPECT_EQ(MermaidDiagram(*schema->catalog), R"mermaid(erDiagram
    Person {
        String name PK
        I32 age "nullable"
        String mail UK "nullable"
        enum kind "a, b, nullable"
        String[] tags
    }
    Pet {
        Vector(3) vec
    }
    Person }o--|{ Pet : Feeds
    Person }o--o{ Person : Knows
    Person |o--|| Pet : "Owns (since: Date?)"
)mermaid");
}

}  // namespace
}  // namespace omnigraph::schema
