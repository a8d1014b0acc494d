// Tests of URLs, query strings and percent-encoding.

#include "net/url.h"

#include <gmock/gmock.h>

namespace omnigraph::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(PercentTest, EncodingAndDecodingAreInverse) {
  std::string all;
  for (int c = 0; c < 256; ++c)
    all += static_cast<char>(c);
  EXPECT_EQ(*PercentDecode(PercentEncode(all)), all);
  EXPECT_EQ(PercentEncode("feature/x y"), "feature%2Fx%20y");
  EXPECT_EQ(*PercentDecode("%66%6f%6F+%2B"), "foo++");
  EXPECT_EQ(*PercentDecode("a+b", true), "a b");
}

TEST(PercentTest, DecodingIsDoneOnceAndRefusesBadEscapes) {
  EXPECT_EQ(*PercentDecode("%2541"), "%41");
  for (const char* bad : {"%", "%4", "%4g", "%g4", "a%"}) {
    EXPECT_EQ(PercentDecode(bad).status().code(), ErrorCode::kInvalidArgument) << bad;
  }
}

TEST(QueryStringTest, PairsComeInOrder) {
  EXPECT_THAT(*ParseQueryString("branch=a%2Fb&x=1&&branch=c+d&flag&e="),
              ElementsAre(Pair("branch", "a/b"), Pair("x", "1"), Pair("branch", "c d"),
                          Pair("flag", ""), Pair("e", "")));
  EXPECT_TRUE(ParseQueryString("")->empty());
  EXPECT_THAT(*ParseQueryString("a=b=c"), ElementsAre(Pair("a", "b=c")));
}

TEST(QueryStringTest, BadTextIsRefused) {
  for (const char* bad : {"a=%", "%zz=1", "a=%ff", "a=%c0%80"}) {
    EXPECT_EQ(ParseQueryString(bad).status().code(), ErrorCode::kInvalidArgument) << bad;
  }
}

TEST(UrlTest, PartsAreFound) {
  const Url url = *ParseUrl("HTTPS://Example.com:8443/base/x?q=1");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target, "/base/x?q=1");
  EXPECT_EQ(ParseUrl("http://h")->port, 80);
  EXPECT_EQ(ParseUrl("https://h")->port, 443);
  EXPECT_EQ(ParseUrl("http://h?q")->target, "/?q");
  EXPECT_EQ(ParseUrl("http://[::1]:80/")->host, "[::1]");
  EXPECT_TRUE(HaveSameOrigin(*ParseUrl("http://h/a"), *ParseUrl("http://H:80/b")));
  EXPECT_FALSE(HaveSameOrigin(*ParseUrl("http://h/a"), *ParseUrl("https://h:80/a")));
}

TEST(UrlTest, StrangeUrlsAreRefused) {
  for (const char* bad :
       {"", "h", "ftp://h", "http://", "http:///x", "http://h:0", "http://h:70000", "http://h:x",
        "http://h:", "http://u@h/", "http://u:secret@h/", "http://h/#f", "http://h/a b",
        "http://h\\x", "http://h/\n", "http://[::1", "http://a,b/"}) {
    EXPECT_EQ(ParseUrl(bad).status().code(), ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_THAT(std::string(ParseUrl("http://u:secret@h/").status().message()),
              ::testing::Not(::testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace omnigraph::net
