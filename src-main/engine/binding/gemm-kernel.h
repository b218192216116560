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
      __builtin_prefetch(b + (k + 12) * ldb);
      __builtin_prefetch(b + (k + 12) * ldb + kLanes);
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

// C [rows, wide] (+)= A B, B a panel of kWide columns. Tiles of about one height: a low one would wait for
// its sums.
static void PanelOf(const Strided &a, size_t rows, const float *b, size_t ldb, bool is_far, float *c,
                    size_t ldc, size_t wide, size_t depth, bool adds) {
  alignas(64) float corner[kRows * kWide];
  const auto tile_of = is_far ? TileOf<kRows, true> : TileOf<kRows, false>;
  const size_t tiles = (rows + kRows - 1) / kRows;
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t i = rows * tile / tiles;
    const int high = static_cast<int>(rows * (tile + 1) / tiles - i);
    const Strided part{a.data + i * a.row, a.row, a.column};
    float *const to = c + i * ldc;
    if (wide == kWide) {
      tile_of(high, part, b, ldb, to, ldc, depth, adds);
      continue;
    }
    for (int row = 0; row < high && adds; row++) {
      std::memcpy(corner + row * kWide, to + row * ldc, wide * sizeof(float));
    }
    tile_of(high, part, b, ldb, corner, kWide, depth, adds);
    for (int row = 0; row < high; row++) {
      std::memcpy(to + row * ldc, corner + row * kWide, wide * sizeof(float));
    }
  }
}

// One panel of each C, at most kWide columns, from `deep` rows of B from `k` on. What is read several times
// is copied to lie side by side, as rows that are far apart push each other out of the cache; a narrow panel
// is filled up with zeros.
static void Panel(const std::vector<Left> &lefts, const float *b, size_t ldb, bool transposed, size_t j,
                  size_t ldc, size_t wide, size_t k, size_t deep, bool adds) {
  alignas(64) float copied[kDepth * kWide];
  size_t m = 0;
  for (const Left &left : lefts) m += left.rows;
  const bool copies = transposed || wide < kWide || m > 2 * kRows;
  if (copies) {
    CopyPanel(b, ldb, transposed, wide, deep, copied);
    b = copied;
    ldb = kWide;
  }
  for (const Left &left : lefts) {
    const Strided a{left.a.data + k * left.a.column, left.a.row, left.a.column};
    PanelOf(a, left.rows, b, ldb, !copies, left.c + j, ldc, wide, deep, adds);
  }
}

// C [rows, n] = A B of each left matrix; B [depth, n] or, where it is given transposed, [n, depth], its rows
// contiguous, which all of them pass once.
static void Multiply(const std::vector<Left> &lefts, const float *b, size_t ldb, bool transposed,
                     size_t ldc, size_t n, size_t depth) {
  for (size_t k = 0; k < depth; k += kDepth) {
    const size_t deep = std::min(kDepth, depth - k);
    for (size_t j = 0; j < n; j += kWide) {
      Panel(lefts, transposed ? b + j * ldb + k : b + k * ldb + j, ldb, transposed, j, ldc,
            std::min<size_t>(kWide, n - j), k, deep, k > 0);
    }
  }
}

// C [m, n] = Σ A B over pairs, B [depth, n].
static void MultiplySum(const std::vector<Pair> &pairs, size_t ldb, float *c, size_t ldc, size_t m, size_t n) {
  size_t deepest = 0;
  for (const Pair &pair : pairs) deepest = std::max(deepest, pair.depth);
  // A gradient of few rows is written more slowly than it is summed up: whole rows of it, then.
  const size_t tall = deepest <= kDepth && n >= 1024 ? kRows : m;
  for (size_t i = 0; i < m; i += tall) {
    for (const Pair &pair : pairs) {
      for (size_t k = 0; k < pair.depth; k += kDepth) {
        const size_t deep = std::min(kDepth, pair.depth - k);
        const Strided a{pair.a.data + i * pair.a.row, pair.a.row, pair.a.column};
        const std::vector<Left> left = {{a, c + i * ldc, std::min(tall, m - i)}};
        for (size_t j = 0; j < n; j += kWide) {
          Panel(left, pair.b + k * ldb + j, ldb, false, j, ldc, std::min<size_t>(kWide, n - j), k, deep,
                k > 0 || &pair != &pairs[0]);
        }
      }
    }
  }
}
