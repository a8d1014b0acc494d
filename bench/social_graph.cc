// Implements bench/social_graph.h.

#include "social_graph.h"

#include <algorithm>
#include <fstream>
#include <functional>

namespace omnigraph::bench {
namespace {

constexpr std::uint32_t kBlock = 64;
constexpr std::uint32_t kCitiesCount = 50;
constexpr std::uint32_t kWordsCount = 5000;

// SplitMix64 (Steele, Lea, Flood 2014). The distributions of <random> differ between libraries.
class Sequence {
 public:
  explicit Sequence(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {
    std::uint64_t bits = state_ += 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  }
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }
  // Rank 0 is the likeliest: the k-th has about bound / sqrt(k) of the mass.
  std::uint32_t PowerLawBelow(std::uint32_t bound) {
    const std::uint64_t uniform = Next() >> 32;
    return static_cast<std::uint32_t>((((uniform * uniform) >> 32) * bound) >> 32);
  }

 private:
  std::uint64_t state_;
};

// Which person has which rank of popularity.
std::vector<std::uint32_t> ShuffledPersons(std::uint32_t count, Sequence& sequence) {
  std::vector<std::uint32_t> persons(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t place = sequence.Below(i + 1);
    persons[i] = persons[place];
    persons[place] = i;
  }
  return persons;
}

std::string Numbered(char prefix, std::uint32_t number, std::size_t digits_count) {
  const std::string digits = std::to_string(number);
  std::string slug(1, prefix);
  if (digits.size() < digits_count) slug.append(digits_count - digits.size(), '0');
  return slug += digits;
}

std::string Word(std::uint32_t number) {
  constexpr std::string_view kConsonants = "bdfgklmnprtvz";
  constexpr std::string_view kVowels = "aou";
  std::string word;
  for (int syllable = 0; syllable < 3; ++syllable) {
    word += kConsonants[number % kConsonants.size()];
    number /= static_cast<std::uint32_t>(kConsonants.size());
    word += kVowels[number % kVowels.size()];
    number /= static_cast<std::uint32_t>(kVowels.size());
  }
  return word;
}

void AppendText(Sequence& sequence, std::uint32_t words_count, std::string& out) {
  for (std::uint32_t i = 0; i < words_count; ++i) {
    if (i > 0) out += ' ';
    out += Word(sequence.PowerLawBelow(kWordsCount));
  }
}

void AppendPerson(Sequence& sequence, std::uint32_t person, std::string& out) {
  out += R"({"type": "Person", "data": {"slug": ")" + SocialGraph::PersonSlug(person);
  out += R"(", "name": ")" + Word(sequence.Below(300)) + ' ' + Word(sequence.Below(2000));
  out += R"(", "age": )" + std::to_string(18 + sequence.Below(63));
  out += R"(, "city": ")" + Numbered('c', sequence.PowerLawBelow(kCitiesCount), 2);
  out += R"(", "created": "20)" + std::to_string(10 + sequence.Below(16)) + '-';
  out += std::to_string(10 + sequence.Below(3)) + '-' + std::to_string(10 + sequence.Below(19));
  out += "T" + std::to_string(10 + sequence.Below(14)) + R"(:00:00Z", "bio": ")";
  AppendText(sequence, 12 + sequence.Below(14), out);
  out += "\"}}\n";
}

void AppendDoc(Sequence& sequence, std::uint32_t doc, std::string& out) {
  out += R"({"type": "Doc", "data": {"slug": ")" + Numbered('d', doc, 6) + R"(", "title": ")";
  AppendText(sequence, 4 + sequence.Below(5), out);
  out += R"(", "body": ")";
  AppendText(sequence, 20 + sequence.Below(21), out);
  out += R"(", "year": )" + std::to_string(2000 + sequence.Below(26)) + "}}\n";
}

void AppendEdge(std::string_view type, const std::string& from, const std::string& to,
                std::string& out) {
  out += R"({"edge": ")";
  out += type;
  out += R"(", "from": ")" + from + R"(", "to": ")" + to + "\"}\n";
}

}  // namespace

std::optional<SocialScale> FindScale(std::string_view name) {
  constexpr SocialScale kScales[] = {
      {"XS", 1'000, 10'000, 500}, {"S", 10'000, 100'000, 5'000}, {"M", 200'000, 4'000'000, 50'000}};
  for (const SocialScale& scale : kScales) {
    if (scale.name == name) return scale;
  }
  return std::nullopt;
}

SocialGraph::SocialGraph(const SocialScale& scale, std::uint64_t seed)
    : scale_(scale), seed_(seed) {
  Sequence sequence(seed);
  const std::uint32_t persons = scale.persons_count;
  const std::vector<std::uint32_t> by_popularity = ShuffledPersons(persons, sequence);
  std::vector<std::uint64_t> edges;  // source << 32 | target
  const auto add = [&](std::uint32_t source, std::uint32_t target) {
    if (source == target || target >= persons) return;
    edges.push_back(std::uint64_t{source} << 32 | target);
  };
  for (std::uint32_t i = 0; i < persons; ++i)
    add(i, (i + 1 + sequence.Below(persons - 1)) % persons);
  while (edges.size() < scale.knows_count) {
    for (std::size_t missing = scale.knows_count - edges.size(); missing > 0; --missing) {
      const std::uint32_t source = by_popularity[sequence.PowerLawBelow(persons)];
      const bool is_near = sequence.Below(3) == 0;
      add(source, is_near ? source / kBlock * kBlock + sequence.Below(kBlock)
                          : by_popularity[sequence.PowerLawBelow(persons)]);
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  }
  offsets_.assign(persons + 1, 0);
  for (const std::uint64_t edge : edges) {
    ++offsets_[(edge >> 32) + 1];
    known_.push_back(static_cast<std::uint32_t>(edge));
  }
  for (std::uint32_t i = 0; i < persons; ++i)
    offsets_[i + 1] += offsets_[i];
}

std::span<const std::uint32_t> SocialGraph::KnownBy(std::uint32_t person) const {
  return std::span(known_).subspan(offsets_[person], offsets_[person + 1] - offsets_[person]);
}

std::uint64_t SocialGraph::CountWalks(std::uint32_t person, int hops) const {
  if (hops == 1) return KnownBy(person).size();
  std::uint64_t count = 0;
  for (const std::uint32_t next : KnownBy(person))
    count += CountWalks(next, hops - 1);
  return count;
}

std::string SocialGraph::PersonSlug(std::uint32_t person) {
  return Numbered('p', person, 7);
}

Result<std::uint64_t> SocialGraph::WriteTo(const std::string& path) const {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  Sequence sequence(seed_ + 1);
  std::string lines;
  std::uint64_t lines_count = 0;
  const auto end_line = [&] {
    ++lines_count;
    if (lines.size() < std::size_t{1} << 20) return;
    file << lines;
    lines.clear();
  };
  for (std::uint32_t person = 0; person < scale_.persons_count; ++person) {
    AppendPerson(sequence, person, lines);
    end_line();
  }
  for (std::uint32_t doc = 0; doc < scale_.docs_count; ++doc) {
    AppendDoc(sequence, doc, lines);
    end_line();
  }
  for (std::uint32_t person = 0; person < scale_.persons_count; ++person) {
    for (const std::uint32_t other : KnownBy(person)) {
      AppendEdge("Knows", PersonSlug(person), PersonSlug(other), lines);
      end_line();
    }
  }
  for (std::uint32_t doc = 0; doc < scale_.docs_count; ++doc) {
    const std::uint32_t author = sequence.Below(scale_.persons_count);
    AppendEdge("Authored", PersonSlug(author), Numbered('d', doc, 6), lines);
    end_line();
  }
  file << lines;
  file.close();
  if (file.fail()) return Status::Error(ErrorCode::kUnavailable, "cannot write '" + path + "'");
  return lines_count;
}

}  // namespace omnigraph::bench
