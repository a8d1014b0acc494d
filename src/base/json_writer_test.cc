// Tests of JSON writing: every byte at every place of a text.

#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace omnigraph {
namespace {

// Byte by byte, after RFC 8259.
std::string Escaped(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    constexpr std::string_view kShort = "\b\t\n\f\r\"\\";
    constexpr std::string_view kLetters = "btnfr\"\\";
    const std::size_t at = kShort.find(c);
    if (at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

void ExpectEscapes(std::string text, std::size_t at) {
  for (int byte = 0; byte < 256; ++byte) {
    text[at] = static_cast<char>(byte);
    std::string written = "x";
    AppendJsonString(text, written);
    ASSERT_EQ(written, "x" + Escaped(text)) << at << ' ' << byte;
  }
}

TEST(JsonWriterTest, EveryByteAtEveryPlaceIsEscapedOrKept) {
  for (const char around : {'a', '\x80', '!', '\xff', '\n'}) {
    for (std::size_t size = 1; size <= 20; ++size) {
      for (std::size_t at = 0; at < size; ++at)
        ExpectEscapes(std::string(size, around), at);
    }
  }
}

}  // namespace
}  // namespace omnigraph
