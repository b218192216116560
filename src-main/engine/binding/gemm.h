// Products of fp32 matrices. Every number is summed up in one order that depends on nothing but the
// sizes and the instruction set, however many threads work. Included by tfjs_binding.cc; see
// binding-patch.mjs.

namespace deltascope {

// A matrix by the distance of its rows and of its columns.
struct Strided {
  const float *data;
  size_t row, column;
};

// A left matrix A and where its product goes.
struct Left {
  Strided a;
  float *c;
  size_t rows;
};

// A B of a sum.
struct Pair {
  Strided a;
  const float *b;
  size_t depth;
};

// Rows of B that are worked through before C is written: with two vectors a row they fit the first cache.
constexpr size_t kDepth = 192;

// Fused multiply-adds are wanted here, not in quantise.h and descend.h.
#pragma GCC push_options
#pragma GCC optimize("O3", "fp-contract=fast")
#define DELTASCOPE_LANES 4
#define DELTASCOPE_ROWS 4
namespace plain {
#include "gemm-kernel.h"
}
#undef DELTASCOPE_LANES
#undef DELTASCOPE_ROWS
#pragma GCC pop_options

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DELTASCOPE_X86
#pragma GCC push_options
#pragma GCC optimize("O3", "fp-contract=fast")
#pragma GCC target("avx2,fma")
#define DELTASCOPE_LANES 8
#define DELTASCOPE_ROWS 6
namespace avx2 {
#include "gemm-kernel.h"
}
#undef DELTASCOPE_LANES
#undef DELTASCOPE_ROWS
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC optimize("O3", "fp-contract=fast")
#pragma GCC target("avx512f")
#define DELTASCOPE_LANES 16
#define DELTASCOPE_ROWS 12
namespace avx512 {
#include "gemm-kernel.h"
}
#undef DELTASCOPE_LANES
#undef DELTASCOPE_ROWS
#pragma GCC pop_options
#endif

struct Kernels {
  decltype(&plain::Multiply) multiply;
  decltype(&plain::MultiplySum) multiply_sum;
};

inline const Kernels &KernelsOfThisMachine() {
  static const Kernels found = [] {
#ifdef DELTASCOPE_X86
    if (__builtin_cpu_supports("avx512f")) return Kernels{avx512::Multiply, avx512::MultiplySum};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return Kernels{avx2::Multiply, avx2::MultiplySum};
    }
#endif
    return Kernels{plain::Multiply, plain::MultiplySum};
  }();
  return found;
}

// Rows or columns of C that a thread works on at a time: tiles of every width, and whole cache lines.
constexpr size_t kPartRows = 48, kPartColumns = 64;
// Multiplications below this end before another thread has begun.
constexpr size_t kSerial = size_t{1} << 19;

// Work on parts of C [m, n], which are told where they begin and how large they are: (row, rows, column,
// columns).
template <typename Work>
void ByParts(size_t m, size_t n, size_t depth, bool by_rows, const Work &work) {
  const size_t size = by_rows ? m : n;
  // Of wide matrices more at a time, so that memory is read in longer stretches.
  const size_t most = by_rows ? kPartRows : n < 1024 ? kPartColumns : 4 * kPartColumns;
  const size_t parts = m * n * depth < kSerial ? 1 : (size + most - 1) / most;
  Together(parts, [&](size_t part) {
    const size_t from = parts == 1 ? 0 : part * most;
    const size_t count = parts == 1 ? size : std::min(most, size - from);
    if (by_rows) work(from, count, 0, n);
    else work(0, m, from, count);
  });
}

// C [m, n] = A op(B) of each of some matrices without gaps, A [m, depth].
inline void Products(const std::vector<Left> &lefts, const float *b, size_t n, size_t depth,
                     bool transpose_b) {
  const Kernels &kernels = KernelsOfThisMachine();
  size_t m = 0;
  for (const Left &left : lefts) m += left.rows;
  const size_t ldb = transpose_b ? depth : n;
  ByParts(m, n, depth, m > n, [&](size_t row, size_t rows, size_t column, size_t columns) {
    std::vector<Left> own;
    size_t begin = 0;
    for (const Left &left : lefts) {
      const size_t from = std::max(row, begin), to = std::min(row + rows, begin + left.rows);
      if (from < to) {
        const size_t i = from - begin;
        own.push_back({{left.a.data + i * left.a.row, left.a.row, left.a.column},
                       left.c + i * n + column, to - from});
      }
      begin += left.rows;
    }
    kernels.multiply(own, b + column * (transpose_b ? depth : 1), ldb, transpose_b, n, columns, depth);
  });
}

// C [m, n] = Σ Aᵀ B of pairs of matrices without gaps, A [depth, m] and B [depth, n].
inline void ProductSum(const std::vector<Pair> &pairs, float *c, size_t m, size_t n) {
  const Kernels &kernels = KernelsOfThisMachine();
  size_t depth = 0;
  for (const Pair &pair : pairs) depth += pair.depth;
  ByParts(m, n, depth, m > n, [&](size_t row, size_t rows, size_t column, size_t columns) {
    std::vector<Pair> own;
    for (const Pair &pair : pairs) {
      own.push_back({{pair.a.data + row, 1, m}, pair.b + column, pair.depth});
    }
    kernels.multiply_sum(own, n, c + row * n + column, n, rows, columns);
  });
}

}  // namespace deltascope
