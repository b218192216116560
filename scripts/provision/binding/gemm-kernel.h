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

// C [R, 2 vectors] (+)= A B over `depth`, B's rows contiguous.
template <int R>
static inline __attribute__((always_inline)) void Tile(const Strided &a, const float *b, size_t ldb,
                                                       float *c, size_t ldc, size_t depth,
                                                       bool adds) {
  Vector sums[R][2];
  for (int i = 0; i < R; i++) {
    for (int v = 0; v < 2; v++) {
      sums[i][v] = adds ? Load(c + i * ldc + v * kLanes) : Vector{};
    }
  }
  for (size_t k = 0; k < depth; k++) {
    __builtin_prefetch(b + (k + 12) * ldb);
    __builtin_prefetch(b + (k + 12) * ldb + kLanes);
    const Vector b0 = Load(b + k * ldb), b1 = Load(b + k * ldb + kLanes);
    for (int i = 0; i < R; i++) {
      const float x = a.data[i * a.row + k * a.column];
      sums[i][0] += x * b0;
      sums[i][1] += x * b1;
    }
  }
  for (int i = 0; i < R; i++) {
    for (int v = 0; v < 2; v++) Store(c + i * ldc + v * kLanes, sums[i][v]);
  }
}

template <int R>
static void TileOf(int rows, const Strided &a, const float *b, size_t ldb, float *c, size_t ldc,
                   size_t depth, bool adds) {
  if (rows == R) return Tile<R>(a, b, ldb, c, ldc, depth, adds);
  if constexpr (R > 1) TileOf<R - 1>(rows, a, b, ldb, c, ldc, depth, adds);
}

// One panel of C, at most kWide columns, from `deep` rows of B. What is read several times is copied
// to lie side by side, as rows that are far apart push each other out of the cache; a narrow panel is
// filled up with zeros.
static void Panel(const Strided &a, const float *b, size_t ldb, float *c, size_t ldc, size_t m,
                  size_t wide, size_t deep, bool adds) {
  alignas(64) float copied[kDepth * kWide];
  alignas(64) float corner[kRows * kWide];
  if (wide < kWide || m > 2 * kRows) {
    if (wide < kWide) std::memset(copied, 0, deep * kWide * sizeof(float));
    for (size_t k = 0; k < deep; k++) std::memcpy(copied + k * kWide, b + k * ldb, wide * sizeof(float));
    b = copied;
    ldb = kWide;
  }
  for (size_t i = 0; i < m; i += kRows) {
    const int rows = static_cast<int>(std::min<size_t>(kRows, m - i));
    const Strided part{a.data + i * a.row, a.row, a.column};
    float *const to = c + i * ldc;
    if (wide == kWide) {
      TileOf<kRows>(rows, part, b, ldb, to, ldc, deep, adds);
      continue;
    }
    for (int row = 0; row < rows && adds; row++) {
      std::memcpy(corner + row * kWide, to + row * ldc, wide * sizeof(float));
    }
    TileOf<kRows>(rows, part, b, ldb, corner, kWide, deep, adds);
    for (int row = 0; row < rows; row++) {
      std::memcpy(to + row * ldc, corner + row * kWide, wide * sizeof(float));
    }
  }
}

// C [m, n] = A B, B's rows contiguous.
static void Multiply(const Strided &a, const float *b, size_t ldb, float *c, size_t ldc, size_t m,
                     size_t n, size_t depth) {
  for (size_t k = 0; k < depth; k += kDepth) {
    const size_t deep = std::min(kDepth, depth - k);
    // A gradient of few rows is written more slowly than it is summed up: whole rows of it, then.
    const size_t tall = depth <= kDepth && n >= 1024 ? kRows : m;
    for (size_t i = 0; i < m; i += tall) {
      const Strided part{a.data + i * a.row + k * a.column, a.row, a.column};
      for (size_t j = 0; j < n; j += kWide) {
        Panel(part, b + k * ldb + j, ldb, c + i * ldc + j, ldc, std::min(tall, m - i),
              std::min<size_t>(kWide, n - j), deep, k > 0);
      }
    }
  }
}

static inline __attribute__((always_inline)) float SumOf(const Vector &v) {
  float sum = 0.0f;
  for (int lane = 0; lane < kLanes; lane++) sum += v[lane];
  return sum;
}

// Inner products of R rows of A with S rows of B.
template <int R, int S>
static inline __attribute__((always_inline)) void Products(const float *a, size_t lda,
                                                           const float *b, size_t ldb, float *c,
                                                           size_t ldc, size_t depth) {
  Vector sums[R][S] = {};
  size_t k = 0;
  for (; k + kLanes <= depth; k += kLanes) {
    Vector far[S];
    for (int j = 0; j < S; j++) far[j] = Load(b + j * ldb + k);
    for (int i = 0; i < R; i++) {
      const Vector near = Load(a + i * lda + k);
      for (int j = 0; j < S; j++) sums[i][j] += near * far[j];
    }
  }
  for (int i = 0; i < R; i++) {
    for (int j = 0; j < S; j++) {
      float sum = SumOf(sums[i][j]);
      for (size_t rest = k; rest < depth; rest++) sum += a[i * lda + rest] * b[j * ldb + rest];
      c[i * ldc + j] = sum;
    }
  }
}

// C [m, n] = A Bᵀ, rows of both contiguous.
static void MultiplyTransposed(const float *a, size_t lda, const float *b, size_t ldb, float *c,
                               size_t ldc, size_t m, size_t n, size_t depth) {
  constexpr int R = kRows / 3 < 2 ? 2 : kRows / 3, S = kLanes == 16 ? 4 : 2;
  size_t j = 0;
  for (; j + S <= n; j += S) {
    size_t i = 0;
    for (; i + R <= m; i += R) {
      Products<R, S>(a + i * lda, lda, b + j * ldb, ldb, c + i * ldc + j, ldc, depth);
    }
    for (; i < m; i++) Products<1, S>(a + i * lda, lda, b + j * ldb, ldb, c + i * ldc + j, ldc, depth);
  }
  for (; j < n; j++) {
    for (size_t i = 0; i < m; i++) {
      Products<1, 1>(a + i * lda, lda, b + j * ldb, ldb, c + i * ldc + j, ldc, depth);
    }
  }
}
