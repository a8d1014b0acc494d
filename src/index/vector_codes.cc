// Implements index/vector_codes.h.

#include "index/vector_codes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "index/per_processor.h"

namespace omnigraph::index {
namespace {

constexpr double kCodeMax = 127;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFloatMax = std::numeric_limits<float>::max();
// More than rounding takes from an error that is stored as F32.
constexpr double kErrorSlack = 1e-6;
// More than the root of what F64 loses when the square of a distance is the difference of squares
// of lengths, as a share of the lengths.
constexpr double kCancellation = 1e-7;
// More than what F32 loses in squares that are too small for it.
constexpr double kSmallestSquares = 1e-36;

struct Encoded {
  double scale = 0;  // An F32.
  double error = 0;
  std::int32_t squares = 0;
};

template <typename Code>
Encoded Encode(std::span<const float> vector, Code* codes) {
  Encoded encoded;
  double largest = 0;
  for (const float component : vector) {
    if (!std::isfinite(component)) {
      std::fill_n(codes, vector.size(), Code{0});
      encoded.error = kInfinity;
      return encoded;
    }
    largest = std::max(largest, std::abs(static_cast<double>(component)));
  }
  encoded.scale = static_cast<double>(static_cast<float>(largest / kCodeMax));
  double squares_of_errors = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const auto component = static_cast<double>(vector[i]);
    double code = encoded.scale > 0 ? std::round(component / encoded.scale) : 0;
    code = std::clamp(code, -kCodeMax, kCodeMax);
    codes[i] = static_cast<Code>(code);
    encoded.squares += static_cast<std::int32_t>(code) * static_cast<std::int32_t>(code);
    const double error = component - code * encoded.scale;
    squares_of_errors += error * error;
  }
  encoded.error = std::sqrt(squares_of_errors);
  return encoded;
}

OG_PER_PROCESSOR std::int32_t Product(const std::int16_t* left, const std::int8_t* right,
                                      std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    sum += std::int32_t{left[i]} * std::int32_t{right[i]};
  return sum;
}

// Vectors whose bounds are computed together.
constexpr std::size_t kBlock = 256;

struct Block {
  double products[kBlock];  // Of codes with those of the query.
  double scales[kBlock];
  double errors[kBlock];
  double squares[kBlock];
};

struct QueryParts {
  double scale;
  double square;
  double error;
  double rounding;  // How far F32 may be from the sum of so many squares, as a share of it.
};

OG_PER_PROCESSOR void BoundBlock(const QueryParts& query, const Block& block, std::size_t count,
                                 DistanceBounds* bounds) {
  const double query_length = std::sqrt(query.square);
  for (std::size_t i = 0; i < count; ++i) {
    const double square = block.scales[i] * block.scales[i] * block.squares[i];
    const double difference =
        query.square + square - 2 * query.scale * block.scales[i] * block.products[i];
    const double distance = std::sqrt(difference > 0 ? difference : 0);
    // The length of a sum is at most the sum of the lengths.
    const double error =
        query.error + block.errors[i] + kCancellation * (2 * query_length + distance);
    const double least = distance > error ? distance - error : 0;
    const double most = distance + error;
    const double lower = least * least * (1 - query.rounding) - kSmallestSquares;
    const double upper = most * most * (1 + query.rounding) + kSmallestSquares;
    bounds[i].lower = static_cast<float>(lower > 0 ? (lower < kFloatMax ? lower : kFloatMax) : 0);
    // A sum that may be too large for F32 is infinite there.
    bounds[i].upper = static_cast<float>(upper < kFloatMax ? upper : kInfinity);
  }
}

}  // namespace

VectorCodes::Query::Query(std::span<const float> vector) : codes_(vector.size()) {
  const Encoded encoded = Encode(vector, codes_.data());
  scale_ = encoded.scale;
  square_ = scale_ * scale_ * encoded.squares;
  error_ = encoded.error * (1 + kErrorSlack);
}

VectorCodes VectorCodes::Build(std::span<const float* const> vectors, std::size_t dimensions) {
  VectorCodes built;
  built.dimensions_ = dimensions;
  built.codes_.resize(vectors.size() * dimensions);
  built.scales_.resize(vectors.size());
  built.errors_.resize(vectors.size());
  built.squares_.resize(vectors.size(), -1);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (vectors[i] == nullptr) continue;
    const Encoded encoded =
        Encode(std::span(vectors[i], dimensions), built.codes_.data() + i * dimensions);
    built.scales_[i] = static_cast<float>(encoded.scale);
    built.errors_[i] = static_cast<float>(encoded.error * (1 + kErrorSlack));
    built.squares_[i] = encoded.squares;
  }
  return built;
}

void VectorCodes::Bound(const Query& query, std::span<const std::uint32_t> positions,
                        DistanceBounds* bounds) const {
  OG_CHECK(query.codes_.size() == dimensions_);
  // Twice what sixteen running sums may lose, and what F32 takes from the bounds themselves.
  const double rounding = (static_cast<double>(dimensions_) / 16 + 32) / (1 << 22);
  const QueryParts parts = {query.scale_, query.square_, query.error_, rounding};
  Block block;
  for (std::size_t begin = 0; begin < positions.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, positions.size() - begin);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t position = positions[begin + i];
      block.products[i] =
          Product(query.codes_.data(), codes_.data() + position * dimensions_, dimensions_);
      block.scales[i] = static_cast<double>(scales_[position]);
      block.errors[i] = static_cast<double>(errors_[position]);
      block.squares[i] = squares_[position];
    }
    BoundBlock(parts, block, count, bounds + begin);
    for (std::size_t i = 0; i < count; ++i) {
      constexpr float kFar = std::numeric_limits<float>::infinity();
      if (squares_[positions[begin + i]] < 0) bounds[begin + i] = {kFar, kFar};
    }
  }
}

}  // namespace omnigraph::index
