// Tests of parameter coercion: every accepted form, every refusal with its words.

#include "query/parameters.h"

#include <gmock/gmock.h>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using types::Value;

std::vector<Parameter> Declared(std::string_view parameters) {
  const text::Source source("t", testing::QueryText("match { $p: P } return { 1 }", parameters));
  text::Diagnostics diagnostics;
  const ast::File file = Parse(source, diagnostics);
  OG_CHECK(!diagnostics.has_errors());
  return DeclaredParameters(file.queries.front());
}

Result<std::vector<Value>> ParseOne(std::string_view type, std::string_view json) {
  return ParseParameters(Declared("$x: " + std::string(type)), json);
}

std::string JsonOf(const Value& value) {
  std::string out;
  types::AppendJson(value, out);
  return out;
}

struct Accepted {
  const char* type;
  const char* json;
  const char* value;
};

class AcceptedParameterTest : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedParameterTest, BecomesAValue) {
  const auto values = ParseOne(GetParam().type, GetParam().json);

  ASSERT_TRUE(values.ok()) << values.status().message();
  EXPECT_EQ(JsonOf(values->at(0)), GetParam().value);
}

const Accepted kAccepted[] = {
    {"String", R"({"x":"é\n"})", "\"é\\n\""},
    {"String?", R"({"x":null})", "null"},
    {"String?", "{}", "null"},
    {"String?", "", "null"},
    {"String?", "null", "null"},
    {"I32", R"({"x":-2147483648})", "-2147483648"},
    {"I32", R"({"x":"6"})", "6"},
    {"I64", R"({"x":9223372036854775807})", "9223372036854775807"},
    {"I64", R"({"x":"-9223372036854775808"})", "-9223372036854775808"},
    {"U32", R"({"x":4294967295})", "4294967295"},
    {"U64", R"({"x":"18446744073709551615"})", "18446744073709551615"},
    {"F64", R"({"x":3})", "3.0"},
    {"F32", R"({"x":0.1})", "0.10000000149011612"},
    {"Bool", R"({"x":false})", "false"},
    {"Date", R"({"x":"2024-01-10"})", "\"2024-01-10\""},
    {"DateTime", R"({"x":"2024-01-10"})", "\"2024-01-10T00:00:00.000Z\""},
    {"Blob", R"({"x":"base64:AAEC"})", "\"base64:AAEC\""},
    {"Blob", R"({"x":"s3://bucket/key"})", "\"s3://bucket/key\""},
    {"[I32]", R"({"x":[1,"2"]})", "[1,2]"},
    {"[String]?", R"({"x":[]})", "[]"},
    {"Vector(2)", R"({"x":[1,2.5]})", "[1.0,2.5]"},
};

INSTANTIATE_TEST_SUITE_P(Forms, AcceptedParameterTest, ::testing::ValuesIn(kAccepted));

struct Refused {
  const char* type;
  const char* json;
  std::vector<std::string> tokens;
};

class RefusedParameterTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedParameterTest, NamesTheParameterAndWhatItExpects) {
  const auto values = ParseOne(GetParam().type, GetParam().json);

  ASSERT_FALSE(values.ok());
  EXPECT_EQ(values.status().code(), ErrorCode::kInvalidArgument);
  for (const std::string& token : GetParam().tokens) {
    EXPECT_THAT(std::string(values.status().message()), HasSubstr(token));
  }
}

const Refused kRefused[] = {
    {"String", R"({})", {"parameter 'x' not provided"}},
    {"String", R"({"x":null})", {"param 'x'", "null is not accepted for non-nullable parameter"}},
    {"String", R"({"x":123})", {"param 'x'", "expected string"}},
    {"String", R"({"x":{"a":1}})", {"param 'x'", "expected string"}},
    {"I32", R"({"x":3000000000})", {"param 'x'", "exceeds I32"}},
    {"I32", R"({"x":"3000000000"})", {"exceeds I32"}},
    {"I64", R"({"x":9223372036854775808})", {"exceeds I64"}},
    {"I64", R"({"x":"9223372036854775808"})", {"exceeds I64"}},
    {"I64", R"({"x":3.0})", {"param 'x'", "expected integer"}},
    {"I64", R"({"x":"3.5"})", {"expected integer"}},
    {"I64", R"({"x":true})", {"expected integer"}},
    {"U32", R"({"x":-1})", {"param 'x'", "expected unsigned integer"}},
    {"U32", R"({"x":"-1"})", {"expected unsigned integer"}},
    {"U32", R"({"x":4294967296})", {"exceeds U32"}},
    {"U64", R"({"x":"18446744073709551616"})", {"exceeds U64"}},
    {"F64", R"({"x":"1.5"})", {"param 'x'", "expected float"}},
    {"F64", R"({"x":"NaN"})", {"expected float"}},
    {"F32", R"({"x":1e300})", {"exceeds F32"}},
    {"Bool", R"({"x":1})", {"param 'x'", "expected boolean"}},
    {"Date", R"({"x":20260101})", {"param 'x'", "expected date string"}},
    {"Date", R"({"x":"soon"})", {"param 'x'", "Date", "'soon'"}},
    {"DateTime", R"({"x":1})", {"expected datetime string"}},
    {"DateTime", R"({"x":"soon"})", {"DateTime", "'soon'"}},
    {"Blob", R"({"x":1})", {"expected blob URI string"}},
    {"[I32]", R"({"x":1})", {"param 'x'", "expected array for [I32]"}},
    {"[I32]", R"({"x":[1,null]})", {"param 'x'", "element 1", "expected integer"}},
    {"[I32]", R"({"x":[[1]]})", {"element 0", "expected integer"}},
    {"Vector(2)", R"({"x":[1]})", {"param 'x'", "expected 2 values"}},
    {"Vector(2)", R"({"x":"a"})", {"param 'x'", "expected array"}},
    {"Vector(2)", R"({"x":[1,"a"]})", {"param 'x'", "not numeric"}},
    {"String?", "[1]", {"must be", "object"}},
    {"String?", "7", {"must be", "object"}},
    {"String?", R"({"x":"a")", {"must be", "object", "not valid JSON"}},
    {"String?", R"({"other":{"a":1}})", {"param 'other'", "object is not supported"}},
};

INSTANTIATE_TEST_SUITE_P(Forms, RefusedParameterTest, ::testing::ValuesIn(kRefused));

TEST(ParametersTest, ValuesComeInDeclarationOrderAndOtherKeysAreIgnored) {
  const auto values = ParseParameters(Declared("$b: I32, $a: String?"),
                                      R"({"a":"x","b":1,"other":[1],"__nanograph_now":{}})");

  ASSERT_TRUE(values.ok()) << values.status().message();
  EXPECT_THAT(*values, ElementsAre(Value::Int(1), Value::String("x")));
}

TEST(ParametersTest, DeepNestingIsRefusedNotFollowed) {
  const std::string deep = std::string(300'000, '[') + std::string(300'000, ']');
  for (const std::string& text : {deep, "{\"x\": " + deep + "}", std::string(300'000, '[')}) {
    const auto values = ParseParameters({}, text);
    ASSERT_FALSE(values.ok());
    EXPECT_EQ(values.status().message(), "params are nested deeper than 128 levels");
  }
}

TEST(ParametersTest, ATypeThatTheCheckerRefusesIsLeftToIt) {
  EXPECT_TRUE(ParseParameters(Declared("$v: Vector(0)"), "{}").ok());
  EXPECT_TRUE(ParseParameters(Declared("$__nanograph_now: DateTime"), "{}").ok());
}

// Vectors that are long enough to be read apart from the other parameters.
class LongVectorTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kDimensions = 300;

  static std::string Numbers(std::uint32_t count, const std::string& last = "") {
    std::string text = "[";
    for (std::uint32_t i = 0; i < count; ++i)
      text += (i > 0 ? ", " : "") + std::to_string(i) + (i % 2 == 0 ? ".5e-1" : "");
    return text + (last.empty() ? "" : ", " + last) + "]";
  }
  static types::VectorValue Vector() {
    types::VectorValue vector;
    for (std::uint32_t i = 0; i < kDimensions; ++i) {
      const double number = i % 2 == 0 ? (static_cast<double>(i) + 0.5) / 10 : i;
      vector.push_back(static_cast<float>(number));
    }
    return vector;
  }
  static Result<std::vector<Value>> Read(const std::string& json) {
    return ParseParameters(Declared("$v: Vector(300), $n: I32?, $w: Vector(300)?"), json);
  }
  static std::string Refusal(const std::string& json) {
    const auto values = Read(json);
    return values.ok() ? "accepted" : std::string(values.status().message());
  }
};

TEST_F(LongVectorTest, IsReadBesideOtherParameters) {
  const Value vector{Value::Variant(Vector())};
  const std::string numbers = Numbers(kDimensions);
  for (const std::string& json :
       {"{\"n\": 7, \"v\": " + numbers + ", \"other\": [1, {}]}",
        "{\"v\":" + numbers + ",\"n\":\"7\"}", "{\"\\u0076\":" + numbers + ",\"n\":7}",
        "{\"v\":1, \"v\":" + numbers + ",\"n\":7, \"w\":null}"}) {
    const auto values = Read(json);
    ASSERT_TRUE(values.ok()) << values.status().message();
    EXPECT_THAT(*values, ElementsAre(vector, Value::Int(7), Value::Null())) << json.substr(0, 40);
  }
  const auto both = Read("{\"w\":" + numbers + ",\"v\":" + numbers + "}");
  ASSERT_TRUE(both.ok());
  EXPECT_THAT(*both, ElementsAre(vector, Value::Null(), vector));
}

TEST_F(LongVectorTest, IsRefusedInTheWordsOfShortOnes) {
  const std::string start = "{\"v\":";
  EXPECT_THAT(Refusal(start + Numbers(299) + "}"), HasSubstr("param 'v': expected 300 values"));
  EXPECT_THAT(Refusal(start + Numbers(301) + "}"), HasSubstr("found 301"));
  EXPECT_THAT(Refusal(start + Numbers(299, "\"x\"") + "}"),
              HasSubstr("element 299 of the vector is not numeric"));
  EXPECT_THAT(Refusal(start + Numbers(299, "1e39") + "}"),
              HasSubstr("element 299 of the vector exceeds F32"));
  EXPECT_THAT(Refusal(start + Numbers(300) + "} 1"), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refusal(start + Numbers(300)), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refusal(start + Numbers(300) + ",\"n\":1e}"), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refusal(start + Numbers(299, "1.") + "}"), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refusal(start + Numbers(300) + ",\"n\":\"x\"}"), HasSubstr("param 'n'"));
  EXPECT_THAT(Refusal("{\"w\":" + Numbers(300) + "}"), HasSubstr("'v' not provided"));
  EXPECT_THAT(Refusal(start + Numbers(300) + ",\"q\":{}}"), HasSubstr("object is not supported"));
}

}  // namespace
}  // namespace omnigraph::query
