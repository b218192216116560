// What is asked of stored numbers: the arrays of a job as JavaScript gave them. Included by products.cc.
#pragma once

#include <cstdint>
#include <vector>

namespace deltascope {

enum class Codec : int { kDense = 0, kInt8 = 1, kInt16 = 2, kInt4 = 3 };
enum class Kind : int { kProducts = 0, kBilinear = 1, kImage = 2, kNumbers = 3, kPairs = 4, kForm = 5 };

// Arrays X_p [rows, columns], one a part.
struct Stored {
  Codec codec;
  size_t block;    // numbers that share a scale
  size_t columns;
  const int32_t *files;   // descriptors; null where the numbers are in memory
  const double *values;   // where a part's numbers begin, bytes
  const double *scales;   // where its scales begin, bytes
  const uint8_t *memory;
};

// Pixels [pixels] of a map and positions [positions] of another, and which pixel a kernel's tap lies on.
struct Gram {
  size_t pixels, positions;
  bool bias;
  // Of each tap, the positions at which it lies on a pixel, and these pixels.
  struct Tap {
    std::vector<int32_t> positions, pixels;
  };
  std::vector<Tap> taps;
};

// One layer's stored parts, and what they are multiplied by.
struct Job {
  Kind kind;
  Stored x, d;   // d: of pairs alone
  size_t count;  // queries; rows of P; questions to pairs
  size_t parts;
  const int32_t *rows;     // of a part
  const int32_t *skipped;  // rows of f, or of P's columns, before a part's first
  const float *left;   // Q [vectors, padded columns], f [count, left_stride] or P [count, left_stride]
  const float *right;  // z [vectors, padded columns]
  size_t left_stride;
  Gram gram;
  size_t channels;  // of a pixel
  float *made;      // Q [count, padded rows * columns]
  std::vector<size_t> places;  // where a part's results begin
  double *out;
  // Q and z of pairs, of X Q [columns, padded vectors], where there are many vectors.
  std::vector<float> turned_left, turned_right;
};

constexpr size_t Padded(size_t n) { return (n + 15) / 16 * 16; }
// Bytes before number n, or before the byte it has half of.
constexpr size_t BytesOf(Codec codec, size_t n) {
  return codec == Codec::kDense ? 4 * n : codec == Codec::kInt16 ? 2 * n
         : codec == Codec::kInt8 ? n : n / 2;
}

}  // namespace deltascope
