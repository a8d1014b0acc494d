// The graph of query.md S17.1.

#pragma once

#include <string_view>

namespace omnigraph::exec::testing {

inline constexpr std::string_view kPeopleSchema = R"(
node Person  {
  name: String @key
  age: I32?
  city: String?
  tags: [String]?
  score: F64?
  joined: Date?
  seen: DateTime?
  active: Bool?
}
node Company { name: String @key  sector: enum(ai, bio, energy) }
node Doc     { slug: String @key  title: String @index  embedding: Vector(2)?  year: I32? }
edge Knows:   Person -> Person  { since: Date? }
edge WorksAt: Person -> Company { title: String? }
edge Wrote:   Person -> Doc
)";

inline constexpr std::string_view kPeopleLines =
    R"({"type":"Person","data":{"name":"ann","age":30,"city":"Oslo","tags":["db",)"
    R"("graph"],"score":2.5,"joined":"2024-01-10","seen":"2024-06-01T12:00:00Z",)"
    R"("active":true}})"
    "\n"
    R"({"type":"Person","data":{"name":"bob","age":25,"city":"Oslo","tags":[],)"
    R"("joined":"2023-05-05","active":false}})"
    "\n"
    R"({"type":"Person","data":{"name":"cat","age":41,"city":"Rome","tags":["graph"],)"
    R"("score":4.0,"joined":"2022-12-31","seen":"2023-01-01T00:00:00Z","active":true}})"
    "\n"
    R"({"type":"Person","data":{"name":"dan","score":1.0}})"
    "\n"
    R"({"type":"Person","data":{"name":"eve","age":30,"city":"Rome","tags":["db"],)"
    R"("score":2.5,"joined":"2024-01-10","seen":"2024-06-01T12:00:00.250Z",)"
    R"("active":true}})"
    "\n"
    R"({"type":"Company","data":{"name":"Acme","sector":"ai"}})"
    "\n"
    R"({"type":"Company","data":{"name":"Bolt","sector":"bio"}})"
    "\n"
    R"({"type":"Company","data":{"name":"Core","sector":"energy"}})"
    "\n"
    R"({"type":"Doc","data":{"slug":"d1","title":"Graph databases in practice",)"
    R"("embedding":[0,0],"year":2020}})"
    "\n"
    R"({"type":"Doc","data":{"slug":"d2","title":"Vector search for graphs",)"
    R"("embedding":[1,0],"year":2021}})"
    "\n"
    R"({"type":"Doc","data":{"slug":"d3","title":"Learning to rank","embedding":[3,4],)"
    R"("year":2021}})"
    "\n"
    R"({"type":"Doc","data":{"slug":"d4","title":"Cooking pasta"}})"
    "\n"
    R"({"edge":"Knows","from":"ann","to":"bob","data":{"since":"2020-01-01"}})"
    "\n"
    R"({"edge":"Knows","from":"ann","to":"bob","data":{"since":"2021-01-01"}})"
    "\n"
    R"({"edge":"Knows","from":"ann","to":"cat"})"
    "\n"
    R"({"edge":"Knows","from":"bob","to":"dan"})"
    "\n"
    R"({"edge":"Knows","from":"cat","to":"dan"})"
    "\n"
    R"({"edge":"Knows","from":"dan","to":"ann"})"
    "\n"
    R"({"edge":"Knows","from":"eve","to":"eve"})"
    "\n"
    R"({"edge":"WorksAt","from":"ann","to":"Acme"})"
    "\n"
    R"({"edge":"WorksAt","from":"bob","to":"Acme"})"
    "\n"
    R"({"edge":"WorksAt","from":"cat","to":"Bolt"})"
    "\n"
    R"({"edge":"WorksAt","from":"eve","to":"Acme"})"
    "\n"
    R"({"edge":"WorksAt","from":"eve","to":"Bolt"})"
    "\n"
    R"({"edge":"Wrote","from":"ann","to":"d1"})"
    "\n"
    R"({"edge":"Wrote","from":"ann","to":"d2"})"
    "\n"
    R"({"edge":"Wrote","from":"cat","to":"d2"})"
    "\n"
    R"({"edge":"Wrote","from":"eve","to":"d3"})"
    "\n"
    "";

}  // namespace omnigraph::exec::testing
