// The inner loops of gemm.h for one instruction set, included once for each. DELTASCOPE_LANES numbers
// make a vector, DELTASCOPE_ROWS rows of a tile are held in registers. No include guard.

typedef float Vector __attribute__((vector_size(4 * DELTASCOPE_LANES)));
constexpr int kLanes = DELTASCOPE_LANES;
constexpr int kRows = DELTASCOPE_ROWS;
constexpr int kWide = 2 * kLanes;

static inline __attribute__((always_inline)) Vector Load(const float *from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

static inline __attribute__((always_inline)) void Store(float *to, const Vector &v) {
  std::memcpy(to, &v, sizeof v);
}

// C [R, 2 vectors] (+)= A B over `depth`, B's rows contiguous, and asked for ahead where they are far
// apart. Loops are unrolled at once, so that the sums are in registers from the first to the last.
template <int R, bool IsFar>
static inline __attribute__((always_inline)) void Tile(const Strided &a, const float *b, size_t ldb,
                                                       float *c, size_t ldc, size_t depth,
                                                       bool adds) {
  Vector sums[R][2];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
      sums[i][v] = adds ? Load(c + i * ldc + v * kLanes) : Vector{};
    }
  }
  for (size_t k = 0; k < depth; k++) {
    if constexpr (IsFar) {
      __builtin_prefetch(b + (k + 12) * ldb);
      __builtin_prefetch(b + (k + 12) * ldb + kLanes);
    }
    const Vector b0 = Load(b + k * ldb), b1 = Load(b + k * ldb + kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) {
      const float x = a.data[i * a.row + k * a.column];
      sums[i][0] += x * b0;
      sums[i][1] += x * b1;
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) Store(c + i * ldc + v * kLanes, sums[i][v]);
  }
}

template <int R, bool IsFar>
static void TileOf(int rows, const Strided &a, const float *b, size_t ldb, float *c, size_t ldc,
                   size_t depth, bool adds) {
  if (rows == R) return Tile<R, IsFar>(a, b, ldb, c, ldc, depth, adds);
  if constexpr (R > 1) TileOf<R - 1, IsFar>(rows, a, b, ldb, c, ldc, depth, adds);
}

// Exchanges rows and columns of a square as wide as a vector: in each round the halves of neighbours,
// then of those two apart, and so on.
static inline __attribute__((always_inline)) void TransposeSquare(const float *from, size_t ld,
                                                                  float *to, size_t ldt) {
  typedef int32_t Places __attribute__((vector_size(4 * DELTASCOPE_LANES)));
  Vector rows[kLanes];
  for (int i = 0; i < kLanes; i++) rows[i] = Load(from + i * ld);
  for (int apart = 1; apart < kLanes; apart *= 2) {
    Places low, high;
    for (int lane = 0; lane < kLanes; lane++) {
      const bool is_far = (lane & apart) != 0;
      low[lane] = is_far ? kLanes + lane - apart : lane;
      high[lane] = is_far ? kLanes + lane : lane + apart;
    }
    for (int i = 0; i < kLanes; i++) {
      if (i & apart) continue;
      const Vector near = rows[i], far = rows[i + apart];
      rows[i] = __builtin_shuffle(near, far, low);
      rows[i + apart] = __builtin_shuffle(near, far, high);
    }
  }
  for (int i = 0; i < kLanes; i++) Store(to + i * ldt, rows[i]);
}

// A panel's rows of B, `deep` by `wide`, side by side; where B is given transposed, by its columns.
static void CopyPanel(const float *b, size_t ldb, bool transposed, size_t wide, size_t deep,
                      float *copied) {
  if (wide == kWide && !transposed) {
    for (size_t k = 0; k < deep; k++) {
      for (int v = 0; v < 2; v++) Store(copied + k * kWide + v * kLanes, Load(b + k * ldb + v * kLanes));
    }
    return;
  }
  if (wide < kWide) std::memset(copied, 0, deep * kWide * sizeof(float));
  if (!transposed) {
    for (size_t k = 0; k < deep; k++) std::memcpy(copied + k * kWide, b + k * ldb, wide * sizeof(float));
    return;
  }
  for (size_t j = 0; j < wide; j += kLanes) {
    size_t k = 0;
    for (; j + kLanes <= wide && k + kLanes <= deep; k += kLanes) {
      TransposeSquare(b + j * ldb + k, ldb, copied + k * kWide + j, kWide);
    }
    for (size_t column = j; column < std::min(wide, j + kLanes); column++) {
      for (size_t row = k; row < deep; row++) copied[row * kWide + column] = b[column * ldb + row];
    }
  }
}

// One panel of C, at most kWide columns, from `deep` rows of B. What is read several times is copied
// to lie side by side, as rows that are far apart push each other out of the cache; a narrow panel is
// filled up with zeros.
static void Panel(const Strided &a, const float *b, size_t ldb, bool transposed, float *c, size_t ldc,
                  size_t m, size_t wide, size_t deep, bool adds) {
  alignas(64) float copied[kDepth * kWide];
  alignas(64) float corner[kRows * kWide];
  const bool copies = transposed || wide < kWide || m > 2 * kRows;
  if (copies) {
    CopyPanel(b, ldb, transposed, wide, deep, copied);
    b = copied;
    ldb = kWide;
  }
  const auto tile_of = copies ? TileOf<kRows, false> : TileOf<kRows, true>;
  // Tiles of about one height: a low one would wait for its sums.
  const size_t tiles = (m + kRows - 1) / kRows;
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t i = m * tile / tiles;
    const int rows = static_cast<int>(m * (tile + 1) / tiles - i);
    const Strided part{a.data + i * a.row, a.row, a.column};
    float *const to = c + i * ldc;
    if (wide == kWide) {
      tile_of(rows, part, b, ldb, to, ldc, deep, adds);
      continue;
    }
    for (int row = 0; row < rows && adds; row++) {
      std::memcpy(corner + row * kWide, to + row * ldc, wide * sizeof(float));
    }
    tile_of(rows, part, b, ldb, corner, kWide, deep, adds);
    for (int row = 0; row < rows; row++) {
      std::memcpy(to + row * ldc, corner + row * kWide, wide * sizeof(float));
    }
  }
}

// C [m, n] = A B; B [depth, n] or, where it is given transposed, [n, depth], its rows contiguous.
static void Multiply(const Strided &a, const float *b, size_t ldb, bool transposed, float *c,
                     size_t ldc, size_t m, size_t n, size_t depth) {
  for (size_t k = 0; k < depth; k += kDepth) {
    const size_t deep = std::min(kDepth, depth - k);
    // A gradient of few rows is written more slowly than it is summed up: whole rows of it, then.
    const size_t tall = depth <= kDepth && n >= 1024 && !transposed ? kRows : m;
    for (size_t i = 0; i < m; i += tall) {
      const Strided part{a.data + i * a.row + k * a.column, a.row, a.column};
      for (size_t j = 0; j < n; j += kWide) {
        Panel(part, transposed ? b + j * ldb + k : b + k * ldb + j, ldb, transposed, c + i * ldc + j,
              ldc, std::min(tall, m - i), std::min<size_t>(kWide, n - j), deep, k > 0);
      }
    }
  }
}
