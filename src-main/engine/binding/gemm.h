// Products of fp32 matrices. Every number is summed up in one order that depends on nothing but the
// sizes and the instruction set, however many threads work. Included by tfjs_binding.cc; see
// binding-patch.mjs.

namespace deltascope {

// A matrix by the distance of its rows and of its columns.
struct Strided {
  const float *data;
  size_t row, column;
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

using Kernel = decltype(&plain::Multiply);

inline Kernel KernelOfThisMachine() {
#ifdef DELTASCOPE_X86
  if (__builtin_cpu_supports("avx512f")) return avx512::Multiply;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::Multiply;
#endif
  return plain::Multiply;
}

// Rows or columns of C that a thread works on at a time: tiles of every width, and whole cache lines.
constexpr size_t kPartRows = 48, kPartColumns = 64;
// Multiplications below this end before another thread has begun.
constexpr size_t kSerial = size_t{1} << 19;

// C [m, n] = op(A) op(B) of matrices without gaps; not both transposed.
inline void Product(const float *a, const float *b, float *c, size_t m, size_t n, size_t depth,
                    bool transpose_a, bool transpose_b) {
  static const Kernel multiply = KernelOfThisMachine();
  const bool by_rows = m > n;
  const size_t size = by_rows ? m : n;
  // Of wide matrices more at a time, so that memory is read in longer stretches.
  const size_t most = by_rows ? kPartRows : n < 1024 ? kPartColumns : 4 * kPartColumns;
  const size_t parts = m * n * depth < kSerial ? 1 : (size + most - 1) / most;
  Together(parts, [&](size_t part) {
    const size_t from = parts == 1 ? 0 : part * most;
    const size_t count = parts == 1 ? size : std::min(most, size - from);
    const size_t row = by_rows ? from : 0, column = by_rows ? 0 : from;
    const size_t rows = by_rows ? count : m, columns = by_rows ? n : count;
    float *const to = c + row * n + column;
    const Strided left =
        transpose_a ? Strided{a + row, 1, m} : Strided{a + row * depth, depth, 1};
    const float *const right = transpose_b ? b + column * depth : b + column;
    multiply(left, right, transpose_b ? depth : n, transpose_b, to, n, rows, columns, depth);
  });
}

}  // namespace deltascope
