// The transforms of winograd.h and the products between them, for one instruction set; included once
// for each, behind gemm-kernel.h. Sixteen numbers, the places of a tile of 4 × 4, are written as ξ. No
// include guard.

// Bᵀ d of four numbers of a map.
static inline __attribute__((always_inline)) void MapTransform(const Vector d[4], Vector t[4]) {
  t[0] = d[0] - d[2];
  t[1] = d[1] + d[2];
  t[2] = d[2] - d[1];
  t[3] = d[1] - d[3];
}

// G g of three numbers of a kernel.
static inline __attribute__((always_inline)) void KernelTransform(const Vector g[3], Vector t[4]) {
  const Vector outer = 0.5f * (g[0] + g[2]), inner = 0.5f * g[1];
  t[0] = g[0];
  t[1] = outer + inner;
  t[2] = outer - inner;
  t[3] = g[2];
}

// Gᵀ u, its adjoint.
static inline __attribute__((always_inline)) void KernelAdjoint(const Vector u[4], Vector g[3]) {
  const Vector sum = 0.5f * (u[1] + u[2]);
  g[0] = u[0] + sum;
  g[1] = 0.5f * (u[1] - u[2]);
  g[2] = u[3] + sum;
}

// Aᵀ m of four sums: two numbers of the output.
static inline __attribute__((always_inline)) void OutputTransform(const Vector m[4], Vector y[2]) {
  y[0] = m[0] + m[1] + m[2];
  y[1] = m[1] - m[2] - m[3];
}

// A δ, its adjoint.
static inline __attribute__((always_inline)) void OutputAdjoint(const Vector y[2], Vector t[4]) {
  t[0] = y[0];
  t[1] = y[0] + y[1];
  t[2] = y[0] - y[1];
  t[3] = -y[1];
}

// Applies `each` to the columns of a square and then to its rows: From² numbers become To².
template <int From, int To, typename Transform>
static inline __attribute__((always_inline)) void BothWays(const Vector *from, Vector *to,
                                                           const Transform &each) {
  Vector half[To * From];
#pragma GCC unroll 4
  for (int x = 0; x < From; x++) {
    Vector column[From], made[To];
#pragma GCC unroll 4
    for (int y = 0; y < From; y++) column[y] = from[y * From + x];
    each(column, made);
#pragma GCC unroll 4
    for (int y = 0; y < To; y++) half[y * From + x] = made[y];
  }
#pragma GCC unroll 4
  for (int y = 0; y < To; y++) each(half + y * From, to + y * To);
}

// Bᵀ d B of the maps' numbers at some tiles, channels `from` to `from + deep`: to [ξ][tile][channel].
static void TransformMaps(const Tiling &tiling, const std::vector<const float *> &maps, size_t first,
                          size_t count, size_t from, size_t deep, float *to, size_t apart) {
  for (size_t i = 0; i < count; i++) {
    const TilePlace tile = tiling.PlaceOf(first + i);
    const float *const map = maps[tile.group] + tile.image * tiling.height * tiling.width * tiling.channels;
    const ptrdiff_t top = static_cast<ptrdiff_t>(2 * tile.y) - tiling.padding;
    const ptrdiff_t left = static_cast<ptrdiff_t>(2 * tile.x) - tiling.padding;
    const float *places[16];
    for (int k = 0; k < 16; k++) {
      const ptrdiff_t y = top + k / 4, x = left + k % 4;
      const bool is_inside = y >= 0 && x >= 0 && y < static_cast<ptrdiff_t>(tiling.height) &&
                             x < static_cast<ptrdiff_t>(tiling.width);
      places[k] = is_inside ? map + (y * tiling.width + x) * tiling.channels + from : nullptr;
    }
    for (size_t c = 0; c < deep; c += kLanes) {
      Vector d[16], t[16];
      for (int k = 0; k < 16; k++) d[k] = places[k] == nullptr ? Vector{} : Load(places[k] + c);
      BothWays<4, 4>(d, t, MapTransform);
      for (int k = 0; k < 16; k++) Store(to + k * apart + i * deep + c, t[k]);
    }
  }
}

// A δ Aᵀ of the gradient by the outputs of some tiles, filters `from` to `from + wide`.
static void TransformOutputs(const Tiling &tiling, const std::vector<const float *> &gradients,
                             size_t first, size_t count, size_t from, size_t wide, float *to,
                             size_t apart) {
  for (size_t i = 0; i < count; i++) {
    const TilePlace tile = tiling.PlaceOf(first + i);
    const float *places[4];
    for (int k = 0; k < 4; k++) places[k] = tiling.OutputAt(gradients[tile.group], tile, k / 2, k % 2);
    for (size_t f = 0; f < wide; f += kLanes) {
      Vector y[4], t[16];
      for (int k = 0; k < 4; k++) y[k] = places[k] == nullptr ? Vector{} : Load(places[k] + from + f);
      BothWays<2, 4>(y, t, OutputAdjoint);
      for (int k = 0; k < 16; k++) Store(to + k * apart + i * wide + f, t[k]);
    }
  }
}

// G g Gᵀ of a kernel [3, 3, channels, filters] for a panel of filters: to [ξ][channel][kWide].
static void TransformKernel(const float *kernel, size_t channels, size_t filters, size_t channel,
                            size_t filter, size_t deep, float *to) {
  for (size_t c = 0; c < deep; c++) {
    for (int v = 0; v < 2; v++) {
      const float *const from = kernel + (channel + c) * filters + filter + v * kLanes;
      Vector g[9], u[16];
      for (int k = 0; k < 9; k++) g[k] = Load(from + k * channels * filters);
      BothWays<3, 4>(g, u, KernelTransform);
      for (int k = 0; k < 16; k++) Store(to + (k * deep + c) * kWide + v * kLanes, u[k]);
    }
  }
}

// The same of the kernel that leads back, turned by 180° and with channels and filters exchanged: for a
// panel of channels, to [ξ][filter][kWide].
static void TransformTurned(const float *kernel, size_t channels, size_t filters, size_t filter,
                            size_t channel, size_t deep, float *to) {
  alignas(64) float squares[9][kLanes * kLanes];
  for (int v = 0; v < 2; v++) {
    for (size_t f = 0; f < deep; f += kLanes) {
      const float *const from = kernel + (channel + v * kLanes) * filters + filter + f;
      for (int k = 0; k < 9; k++) {
        TransposeSquare(from + (8 - k) * channels * filters, filters, squares[k], kLanes);
      }
      for (int row = 0; row < kLanes; row++) {
        Vector g[9], u[16];
        for (int k = 0; k < 9; k++) g[k] = Load(squares[k] + row * kLanes);
        BothWays<3, 4>(g, u, KernelTransform);
        for (int k = 0; k < 16; k++) Store(to + (k * deep + f + row) * kWide + v * kLanes, u[k]);
      }
    }
  }
}

// Some tiles of the outputs, of filters `from` to `from + wide`: y = Aᵀ [Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)] A.
static void ConvolveTiles(const Tiling &tiling, const std::vector<const float *> &maps,
                          const float *kernel, bool turned, const std::vector<float *> &outputs,
                          size_t first, size_t count, size_t from, size_t wide) {
  const size_t panels = wide / kWide, most = std::min(tiling.channels, kDeepest);
  const size_t panel_sums = 16 * count * kWide;
  float *const transformed = Scratch<0>(16 * count * most);
  float *const kernels = Scratch<1>(16 * most * kWide);
  float *const sums = Scratch<2>(panels * panel_sums);
  for (size_t c = 0; c < tiling.channels; c += most) {
    const size_t deep = std::min(most, tiling.channels - c);
    TransformMaps(tiling, maps, first, count, c, deep, transformed, count * deep);
    for (size_t panel = 0; panel < panels; panel++) {
      const size_t filter = from + panel * kWide;
      if (turned) TransformTurned(kernel, tiling.filters, tiling.channels, c, filter, deep, kernels);
      else TransformKernel(kernel, tiling.channels, tiling.filters, c, filter, deep, kernels);
      for (size_t k = 0; k < 16; k++) {
        PanelOf({transformed + k * count * deep, deep, 1}, count, kernels + k * deep * kWide, kWide, false,
                sums + panel * panel_sums + k * count * kWide, kWide, kWide, deep, c > 0);
      }
    }
  }
  for (size_t i = 0; i < count; i++) {
    const TilePlace tile = tiling.PlaceOf(first + i);
    float *places[4];
    for (int k = 0; k < 4; k++) places[k] = tiling.OutputAt(outputs[tile.group], tile, k / 2, k % 2);
    for (size_t f = 0; f < wide; f += kLanes) {
      const float *const at = sums + f / kWide * panel_sums + i * kWide + f % kWide;
      Vector m[16], y[4];
      for (int k = 0; k < 16; k++) m[k] = Load(at + k * count * kWide);
      BothWays<4, 2>(m, y, OutputTransform);
      for (int k = 0; k < 4; k++) {
        if (places[k] != nullptr) Store(places[k] + from + f, y[k]);
      }
    }
  }
}

// Σ over some tiles of (Bᵀ d B)ᵀ (A δ Aᵀ) for a block of channels and filters: to [ξ][channel][filter].
static void CorrelateTiles(const Tiling &tiling, const std::vector<const float *> &maps,
                           const std::vector<const float *> &gradients, size_t first, size_t end,
                           const KernelBlock &block, float *sums) {
  const size_t most = std::min<size_t>(kMostTiles, end - first);
  float *const seen = Scratch<0>(16 * most * block.deep);
  float *const deltas = Scratch<1>(16 * most * block.wide);
  const size_t place = block.deep * block.wide;
  for (size_t tile = first; tile < end; tile += most) {
    const size_t count = std::min(most, end - tile);
    TransformMaps(tiling, maps, tile, count, block.channel, block.deep, seen, count * block.deep);
    TransformOutputs(tiling, gradients, tile, count, block.filter, block.wide, deltas, count * block.wide);
    for (size_t k = 0; k < 16; k++) {
      for (size_t f = 0; f < block.wide; f += kWide) {
        PanelOf({seen + k * count * block.deep, 1, block.deep}, block.deep,
                deltas + k * count * block.wide + f, block.wide, false, sums + k * place + f, block.wide,
                kWide, count, tile > first);
      }
    }
  }
}

// Gᵀ u G of a block of sums: numbers of the kernel's gradient [3, 3, channels, filters].
static void KernelOfSums(const Tiling &tiling, const KernelBlock &block, const float *sums, float *gradient) {
  const size_t place = block.deep * block.wide;
  for (size_t c = 0; c < block.deep; c++) {
    for (size_t f = 0; f < block.wide; f += kLanes) {
      Vector u[16], g[9];
      for (int k = 0; k < 16; k++) u[k] = Load(sums + k * place + c * block.wide + f);
      BothWays<4, 3>(u, g, KernelAdjoint);
      float *const to = gradient + (block.channel + c) * tiling.filters + block.filter + f;
      for (int k = 0; k < 9; k++) Store(to + k * tiling.channels * tiling.filters, g[k]);
    }
  }
}
