// The inner loops of an explanation. Included once for each kind of processor, in a namespace of its
// own and under the compiler options for it: WIDTH floats make a vector, and a tile of ROWS x COLUMNS
// sums fits into the registers. Every length is a multiple of 16, padded with zeros.

typedef float Floats __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef float Half __attribute__((vector_size(2 * WIDTH), aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(4 * WIDTH)));
typedef int32_t Integers __attribute__((vector_size(4 * WIDTH)));

inline double SumOf(const Floats &lanes) {
  const Half *const halves = reinterpret_cast<const Half *>(&lanes);
  Doubles sums = __builtin_convertvector(halves[0] + halves[1], Doubles);
  for (int n = WIDTH / 4; n > 0; n /= 2)
    for (int i = 0; i < n; i++) sums[i] += sums[i + n];
  return sums[0];
}

// WIDTH stored numbers, widened: left to the compiler it takes them one by one.
#if WIDTH == 16
inline Floats Loaded(const int8_t *x) {
  return (Floats)_mm512_cvtepi32_ps(
      _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(x))));
}
inline Floats Loaded(const int16_t *x) {
  return (Floats)_mm512_cvtepi32_ps(
      _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(x))));
}
#elif WIDTH == 8
inline Floats Loaded(const int8_t *x) {
  return (Floats)_mm256_cvtepi32_ps(
      _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(x))));
}
inline Floats Loaded(const int16_t *x) {
  return (Floats)_mm256_cvtepi32_ps(
      _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(x))));
}
#endif

// to[i] = x[i] * scale.
template <class Stored>
inline void Scale(const Stored *__restrict x, float scale, size_t n, float *__restrict to) {
  size_t i = 0;
#if WIDTH > 4
  for (; i + WIDTH <= n; i += WIDTH)
    *reinterpret_cast<Floats *>(to + i) = Loaded(x + i) * scale;
#endif
  for (; i < n; i++) to[i] = static_cast<float>(x[i]) * scale;
}

// to[i] = x[i] * scales[(at + i) / block - at / block] for the numbers at, at + 1, ... of an array.
template <class Stored>
inline void Decode(const Stored *x, const float *scales, size_t block, size_t at, size_t n,
                   float *to) {
  size_t left = block - at % block;
  for (size_t done = 0; done < n; scales++) {
    const size_t count = left < n - done ? left : n - done;
    Scale(x + done, *scales, count, to + done);
    done += count;
    left = block;
  }
}

#if WIDTH > 4
// The numbers at, at + 1, ... of an array times q, without widening them in memory: fp32 sums of a
// block, of eight blocks at most, then in double precision.
template <class Stored>
inline double Dot(const Stored *x, const float *scales, size_t block, size_t at, size_t n,
                  const float *q) {
  double all = 0;
  Floats together{};
  size_t left = block - at % block, blocks = 0;
  for (size_t done = 0; done < n; scales++) {
    const size_t count = left < n - done ? left : n - done, end = done + count;
    Floats sums[4] = {};
    for (; done + 4 * WIDTH <= end; done += 4 * WIDTH)
      for (int part = 0; part < 4; part++)
        sums[part] += Loaded(x + done + part * WIDTH) *
                      *reinterpret_cast<const Floats *>(q + done + part * WIDTH);
    for (; done + WIDTH <= end; done += WIDTH)
      sums[0] += Loaded(x + done) * *reinterpret_cast<const Floats *>(q + done);
    float rest = 0;
    for (; done < end; done++) rest += static_cast<float>(x[done]) * q[done];
    together += ((sums[0] + sums[1]) + (sums[2] + sums[3])) * *scales;
    all += static_cast<double>(rest) * *scales;
    if (++blocks % 8 == 0) {
      all += SumOf(together);
      together = Floats{};
    }
    left = block;
  }
  return all + SumOf(together);
}
#endif

// Whether numbers of a codec are multiplied as they are stored.
inline bool DotAny(Codec codec, const void *x, const float *scales, size_t block, size_t at, size_t n,
                   const float *q, double *sum) {
#if WIDTH > 4
  if (codec == Codec::kInt8)
    *sum += Dot(static_cast<const int8_t *>(x), scales, block, at, n, q);
  else if (codec == Codec::kInt16)
    *sum += Dot(static_cast<const int16_t *>(x), scales, block, at, n, q);
  else
    return false;
  return true;
#else
  return false;
#endif
}

// to[r * stride + k] += x_r . q_k for R rows of x and K of q: fp32 sums of 64 products a lane, their
// sum in double precision.
template <int R, int K>
inline void Tile(const float *x, size_t x_stride, const float *q, size_t q_stride, size_t n,
                 double *to, size_t stride) {
  for (size_t from = 0; from < n; from += 1024) {
    const size_t end = from + 1024 < n ? from + 1024 : n;
    Floats sums[R][K];
    for (int r = 0; r < R; r++)
      for (int k = 0; k < K; k++) sums[r][k] = Floats{};
    for (size_t i = from; i < end; i += WIDTH) {
      Floats queries[K];
      for (int k = 0; k < K; k++)
        queries[k] = *reinterpret_cast<const Floats *>(q + k * q_stride + i);
      for (int r = 0; r < R; r++) {
        const Floats row = *reinterpret_cast<const Floats *>(x + r * x_stride + i);
        for (int k = 0; k < K; k++) sums[r][k] += row * queries[k];
      }
    }
    for (int r = 0; r < R; r++)
      for (int k = 0; k < K; k++) to[r * stride + k] += SumOf(sums[r][k]);
  }
}

// The same for one row and one q: four sums, as each has to wait for the one before.
template <>
inline void Tile<1, 1>(const float *x, size_t, const float *q, size_t, size_t n, double *to, size_t) {
  for (size_t from = 0; from < n; from += 4096) {
    const size_t end = from + 4096 < n ? from + 4096 : n;
    Floats sums[4] = {};
    size_t i = from;
    for (; i + 4 * WIDTH <= end; i += 4 * WIDTH)
      for (int part = 0; part < 4; part++)
        sums[part] += *reinterpret_cast<const Floats *>(x + i + part * WIDTH) *
                      *reinterpret_cast<const Floats *>(q + i + part * WIDTH);
    for (; i < end; i += WIDTH)
      sums[0] += *reinterpret_cast<const Floats *>(x + i) * *reinterpret_cast<const Floats *>(q + i);
    *to += SumOf((sums[0] + sums[1]) + (sums[2] + sums[3]));
  }
}

template <int K>
inline void TileColumn(const float *x, size_t x_stride, size_t rows, const float *q, size_t q_stride,
                       size_t n, double *to, size_t stride) {
  size_t r = 0;
  for (; r + ROWS <= rows; r += ROWS)
    Tile<ROWS, K>(x + r * x_stride, x_stride, q, q_stride, n, to + r * stride, stride);
  for (; r + 2 <= rows; r += 2)
    Tile<2, K>(x + r * x_stride, x_stride, q, q_stride, n, to + r * stride, stride);
  if (r < rows) Tile<1, K>(x + r * x_stride, x_stride, q, q_stride, n, to + r * stride, stride);
}

// to[r * stride + k] += x_r . q_k for rows of x and count of q: x stays in the first cache while the
// queries pass.
inline void Dots(const float *x, size_t x_stride, size_t rows, const float *q, size_t q_stride,
                 size_t count, size_t n, double *to, size_t stride) {
  size_t k = 0;
  for (; k + COLUMNS <= count; k += COLUMNS)
    TileColumn<COLUMNS>(x, x_stride, rows, q + k * q_stride, q_stride, n, to + k, stride);
  for (; k < count; k++)
    TileColumn<1>(x, x_stride, rows, q + k * q_stride, q_stride, n, to + k, stride);
}

// The same with every product and sum in double precision.
inline void ExactDots(const float *x, size_t x_stride, size_t rows, const float *q,
                      size_t q_stride, size_t count, size_t n, double *to, size_t stride) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t k = 0; k < count; k++) {
      Doubles sums[4] = {};
      for (size_t i = 0; i < n; i += 2 * WIDTH) {
        for (size_t part = 0; part < 4 && i + part * WIDTH / 2 < n; part++) {
          const size_t at = i + part * WIDTH / 2;
          const Half a = *reinterpret_cast<const Half *>(x + r * x_stride + at);
          const Half b = *reinterpret_cast<const Half *>(q + k * q_stride + at);
          sums[part] += __builtin_convertvector(a, Doubles) * __builtin_convertvector(b, Doubles);
        }
      }
      const Doubles all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      double sum = 0;
      for (int i = 0; i < WIDTH / 2; i++) sum += all[i];
      to[r * stride + k] += sum;
    }
  }
}

template <int R, int C>
inline void Panel(const float *p, size_t p_stride, const float *x, size_t x_stride, size_t depth,
                  double *to, size_t stride) {
  Floats sums[R][C];
  for (int r = 0; r < R; r++)
    for (int c = 0; c < C; c++) sums[r][c] = Floats{};
  for (size_t k = 0; k < depth; k++) {
    Floats row[C];
    for (int c = 0; c < C; c++)
      row[c] = *reinterpret_cast<const Floats *>(x + k * x_stride + c * WIDTH);
    for (int r = 0; r < R; r++) {
      const float factor = p[r * p_stride + k];
      for (int c = 0; c < C; c++) sums[r][c] += row[c] * factor;
    }
  }
  for (int r = 0; r < R; r++)
    for (int c = 0; c < C; c++)
      for (int i = 0; i < WIDTH; i++) to[r * stride + c * WIDTH + i] += sums[r][c][i];
}

// Rows in groups of R, then one by one.
template <int R, int C>
inline void PanelColumn(const float *p, size_t p_stride, size_t rows, const float *x, size_t x_stride,
                        size_t depth, double *to, size_t stride) {
  size_t r = 0;
  for (; r + R <= rows; r += R)
    Panel<R, C>(p + r * p_stride, p_stride, x, x_stride, depth, to + r * stride, stride);
  for (; r < rows; r++)
    Panel<1, C>(p + r * p_stride, p_stride, x, x_stride, depth, to + r * stride, stride);
}

// Rows of X that pass at a time: so many of 64 columns stay in the first cache.
constexpr size_t kDeep = 128;

// C += P X for P [rows, depth] and X [depth, columns]: sums of kDeep products in fp32, their sum in
// doubles. Where columns are few, more rows keep the adders busy.
inline void Times(const float *p, size_t p_stride, size_t rows, const float *x, size_t x_stride,
                  size_t depth, size_t columns, double *to, size_t stride) {
  for (size_t from = 0; from < depth; from += kDeep) {
    const size_t n = from + kDeep < depth ? kDeep : depth - from;
    const float *const begin = x + from * x_stride;
    size_t c = 0;
    for (; c + COLUMNS * WIDTH <= columns; c += COLUMNS * WIDTH)
      PanelColumn<ROWS, COLUMNS>(p + from, p_stride, rows, begin + c, x_stride, n, to + c, stride);
    for (; c < columns; c += WIDTH)
      PanelColumn<2 * ROWS, 1>(p + from, p_stride, rows, begin + c, x_stride, n, to + c, stride);
  }
}

// to[r, c] += Σ over i of f[pixels[i], r] z[positions[i], c] for R rows r and C vectors of columns c.
template <int R, int C>
inline void OuterPanel(const float *f, size_t f_stride, const int32_t *pixels, const float *z,
                       size_t z_stride, const int32_t *positions, size_t count, double *to,
                       size_t stride) {
  Floats sums[R][C];
  for (int r = 0; r < R; r++)
    for (int c = 0; c < C; c++) sums[r][c] = Floats{};
  for (size_t i = 0; i < count; i++) {
    const float *const factors = f + pixels[i] * f_stride;
    const float *const row = z + positions[i] * z_stride;
    Floats vectors[C];
    for (int c = 0; c < C; c++) vectors[c] = *reinterpret_cast<const Floats *>(row + c * WIDTH);
    for (int r = 0; r < R; r++)
      for (int c = 0; c < C; c++) sums[r][c] += vectors[c] * factors[r];
  }
  for (int r = 0; r < R; r++)
    for (int c = 0; c < C; c++)
      for (int i = 0; i < WIDTH; i++) to[r * stride + c * WIDTH + i] += sums[r][c][i];
}

template <int C>
inline void OuterColumn(const float *f, size_t f_stride, const int32_t *pixels, size_t rows,
                        const float *z, size_t z_stride, const int32_t *positions, size_t count,
                        double *to, size_t stride) {
  size_t r = 0;
  for (; r + ROWS <= rows; r += ROWS)
    OuterPanel<ROWS, C>(f + r, f_stride, pixels, z, z_stride, positions, count, to + r * stride,
                        stride);
  for (; r < rows; r++)
    OuterPanel<1, C>(f + r, f_stride, pixels, z, z_stride, positions, count, to + r * stride,
                     stride);
}

// to [rows, columns] += Σ over i of f[pixels[i], …]ᵀ z[positions[i], …]: sums of 256 products in
// fp32, their sum in doubles.
inline void Outer(const float *f, size_t f_stride, const int32_t *pixels, size_t rows, const float *z,
                  size_t z_stride, const int32_t *positions, size_t columns, size_t count,
                  double *to) {
  for (size_t from = 0; from < count; from += 256) {
    const size_t n = from + 256 < count ? 256 : count - from;
    size_t c = 0;
    for (; c + COLUMNS * WIDTH <= columns; c += COLUMNS * WIDTH)
      OuterColumn<COLUMNS>(f, f_stride, pixels + from, rows, z + c, z_stride, positions + from, n,
                           to + c, columns);
    for (; c < columns; c += WIDTH)
      OuterColumn<1>(f, f_stride, pixels + from, rows, z + c, z_stride, positions + from, n, to + c,
                     columns);
  }
}

// to[k] += Σ over the taps, and over their positions a and b, of u[b', a'] v[b, a] for u [pixels,
// pixels, count] and v [positions, positions, count], the pixels a' and b' lying under a and b.
inline void Answers(const Gram &gram, const double *u, size_t u_stride, const double *v,
                    size_t v_stride, size_t count, double *to) {
  const size_t positions = gram.positions;
  for (size_t b = 0; gram.bias && b < positions; b++)
    for (size_t a = 0; a < positions; a++)
      for (size_t k = 0; k < count; k++) to[k] += v[b * v_stride + a * count + k];
  for (const Gram::Tap &tap : gram.taps) {
    const size_t seen = tap.positions.size();
    for (size_t i = 0; i < seen; i++) {
      const double *const us = u + tap.pixels[i] * u_stride;
      const double *const vs = v + tap.positions[i] * v_stride;
      if (count == 1) {
        double sum = 0;
        for (size_t j = 0; j < seen; j++) sum += us[tap.pixels[j]] * vs[tap.positions[j]];
        *to += sum;
        continue;
      }
      for (size_t j = 0; j < seen; j++) {
        const double *const first = us + tap.pixels[j] * count;
        const double *const second = vs + tap.positions[j] * count;
        for (size_t k = 0; k < count; k++) to[k] += first[k] * second[k];
      }
    }
  }
}

// Two numbers to a byte, the first in the low half, in two's complement.
inline void DecodeInt4(const uint8_t *x, const float *scales, size_t block, size_t at, size_t n,
                       float *to) {
  const size_t first = at / block, byte = at / 2;
  for (size_t i = at; i < at + n; i++) {
    const uint8_t half = (x[i / 2 - byte] >> (i % 2 * 4)) & 15;
    to[i - at] = static_cast<float>(half < 8 ? half : half - 16) * scales[i / block - first];
  }
}

inline void DecodeAny(Codec codec, const void *x, const float *scales, size_t block, size_t at,
                      size_t n, float *to) {
  if (codec == Codec::kInt8) Decode(static_cast<const int8_t *>(x), scales, block, at, n, to);
  else if (codec == Codec::kInt16) Decode(static_cast<const int16_t *>(x), scales, block, at, n, to);
  else if (codec == Codec::kInt4)
    DecodeInt4(static_cast<const uint8_t *>(x), scales, block, at, n, to);
  else std::memcpy(to, x, n * sizeof(float));
}

constexpr Loops kLoops = {DecodeAny, DotAny, Dots, ExactDots, Times, Outer, Answers};
