// Tests of reading request heads and chunked bodies.

#include "net/http_parser.h"

#include <gmock/gmock.h>

#include "net/http_chunks.h"

namespace omnigraph::net {
namespace {

using std::string_literals::operator""s;

constexpr std::string_view kGood =
    "POST /a/b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Thing: \t a b \r\n\r\nhello";

int StatusOf(std::string_view bytes) {
  HttpHead head;
  switch (ParseHttpHead(bytes, HttpHeadLimits(), head)) {
    case HeadState::kComplete:
      return 200;
    case HeadState::kIncomplete:
      return 100;
    case HeadState::kRefused:
      return head.refusal_status;
  }
  return 0;
}

TEST(HttpHeadTest, AGoodHeadIsRead) {
  HttpHead head;
  ASSERT_EQ(ParseHttpHead(kGood, HttpHeadLimits(), head), HeadState::kComplete);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a/b?x=1");
  EXPECT_EQ(head.size_bytes, kGood.size() - 5);
  EXPECT_EQ(head.content_length, 5U);
  EXPECT_TRUE(head.keeps_alive);
  ASSERT_EQ(head.headers.size(), 3U);
  EXPECT_EQ(head.headers[2].name, "X-Thing");
  EXPECT_EQ(head.headers[2].value, "a b");
}

TEST(HttpHeadTest, EveryPrefixIsIncomplete) {
  const std::size_t head_size = kGood.size() - 5;
  for (std::size_t size = 0; size < head_size; ++size) {
    EXPECT_EQ(StatusOf(kGood.substr(0, size)), 100) << size;
  }
}

TEST(HttpHeadTest, AcceptedVariants) {
  for (const char* good :
       {"GET / HTTP/1.1\r\nhost:h\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET //x/../y?z=%00 HTTP/1.1\r\nHost: h:1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX:\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 0\r\n\r\n"}) {
    EXPECT_EQ(StatusOf(good), 200) << good;
  }
}

TEST(HttpHeadTest, WhatCouldBeReadInTwoWaysIsRefused) {
  const std::pair<std::string, int> cases[] = {
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\n\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /#f HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /\r\nHost: h\r\n\r\n", 400},
      {"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
       400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\n\r\n", 417},
  };
  for (const auto& [bytes, status] : cases)
    EXPECT_EQ(StatusOf(bytes), status) << bytes;
}

TEST(HttpHeadTest, LimitsAreInclusive) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string fits = start + std::string(8192 - start.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(StatusOf(fits), 200);
  EXPECT_EQ(StatusOf(start + "y" + fits.substr(start.size())), 431);
  EXPECT_EQ(StatusOf(start + std::string(9000, 'x')), 431);
  EXPECT_EQ(StatusOf("GET /" + std::string(9000, 'x')), 414);

  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 63; ++i)
    many += "a: b\r\n";
  EXPECT_EQ(StatusOf(many + "\r\n"), 200);
  EXPECT_EQ(StatusOf(many + "a: b\r\n\r\n"), 431);
}

TEST(HttpHeadTest, ConnectionsCloseOnDemandAndWithOldVersions) {
  HttpHead head;
  const auto keeps_alive = [&](std::string_view bytes) {
    EXPECT_EQ(ParseHttpHead(bytes, HttpHeadLimits(), head), HeadState::kComplete);
    return head.keeps_alive;
  };
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_TRUE(keeps_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
}

/// Decodes `bytes` in pieces of `step` bytes.
std::pair<ChunkDecoder::State, std::string> Decode(std::string_view bytes, std::size_t step,
                                                   std::uint64_t size_bytes_max = 100) {
  ChunkDecoder decoder(size_bytes_max);
  std::string body;
  ChunkDecoder::State state = ChunkDecoder::State::kMore;
  while (!bytes.empty() && state == ChunkDecoder::State::kMore) {
    std::size_t used_count = 0;
    state = decoder.Decode(bytes.substr(0, step), body, used_count);
    bytes.remove_prefix(used_count);
  }
  return {state, body + std::string(bytes)};
}

TEST(ChunkDecoderTest, PiecesOfAnySizeGiveTheSameBody) {
  const std::string_view bytes =
      "5;name=value\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const auto [state, body] = Decode(bytes, step);
    EXPECT_EQ(state, ChunkDecoder::State::kDone);
    EXPECT_EQ(body, "hello 0123456789NEXT");
  }
}

TEST(ChunkDecoderTest, MalformedChunksAreRefused) {
  for (const char* bad : {"\r\n", "x\r\n", "-1\r\n", "0x5\r\nhello\r\n", "5\nhello\r\n", " 5\r\n",
                          "5\r\nhelloX\r\n", "5\r\nhello\n", "5\rX", "1000000000000000\r\n"}) {
    EXPECT_EQ(Decode(bad, 100).first, ChunkDecoder::State::kMalformed) << bad;
  }
  EXPECT_EQ(Decode(std::string(300, '0'), 300).first, ChunkDecoder::State::kMalformed);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i)
    trailers += "X: " + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(Decode(trailers, 1000).first, ChunkDecoder::State::kMalformed);
}

TEST(ChunkDecoderTest, TheLimitIsInclusiveAndHoldsBeforeTheBytesCome) {
  EXPECT_EQ(Decode("5\r\nhello\r\n0\r\n\r\n", 100, 5).first, ChunkDecoder::State::kDone);
  EXPECT_EQ(Decode("5\r\nhello\r\n1\r\nx", 100, 5).first, ChunkDecoder::State::kTooLarge);
  EXPECT_EQ(Decode("fffffffffffffff\r\nx", 100, 5).first, ChunkDecoder::State::kTooLarge);
}

}  // namespace
}  // namespace omnigraph::net
