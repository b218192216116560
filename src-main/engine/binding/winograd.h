// Convolutions of 3 × 3 without strides by tiles: F(2 × 2, 3 × 3) of Winograd, as Lavin & Gray, Fast
// Algorithms for Convolutional Neural Networks (2016), give it. Four outputs take 16 multiplications a
// channel and filter in place of 36. Sums run in one order that depends on the sizes alone. Included by
// tfjs_binding.cc behind tensors.h, threads.h and gemm.h; see binding-patch.mjs.

namespace deltascope {

// Tiles, and channels, that are worked on together: with their products they fit the second cache.
constexpr size_t kMostTiles = 96, kDeepest = 128;
// Filters, or channels, of a part of the work, and what their number is a multiple of: two vectors of the
// widest instruction set.
constexpr size_t kBlock = 64, kBlockStep = 32;

struct TilePlace {
  size_t group, image, y, x;
};

// Maps [n, height, width, channels] of some groups, and the tiles of 2 × 2 of their outputs.
struct Tiling {
  size_t height, width, channels, filters;
  ptrdiff_t padding;
  // How many tiles the groups have up to each one's end.
  std::vector<size_t> ends;
  size_t out_height, out_width, tiles_high, tiles_wide;

  Tiling(const std::vector<int64_t> &map, size_t filters_, ptrdiff_t padding_,
         const std::vector<size_t> &images)
      : height(map[1]), width(map[2]), channels(map[3]), filters(filters_), padding(padding_) {
    out_height = height + 2 * padding - 2;
    out_width = width + 2 * padding - 2;
    tiles_high = (out_height + 1) / 2;
    tiles_wide = (out_width + 1) / 2;
    size_t end = 0;
    for (size_t count : images) ends.push_back(end += count * tiles_high * tiles_wide);
  }

  size_t Begin(size_t group) const { return group == 0 ? 0 : ends[group - 1]; }

  TilePlace PlaceOf(size_t tile) const {
    size_t group = 0;
    while (tile >= ends[group]) group++;
    const size_t own = tile - Begin(group), each = tiles_high * tiles_wide;
    return {group, own / each, own % each / tiles_wide, own % tiles_wide};
  }

  // Where an output of a tile lies in a group's outputs; null where the tile reaches beyond them.
  template <typename Number>
  Number *OutputAt(Number *outputs, const TilePlace &tile, size_t down, size_t across) const {
    const size_t y = 2 * tile.y + down, x = 2 * tile.x + across;
    if (y >= out_height || x >= out_width) return nullptr;
    return outputs + ((tile.image * out_height + y) * out_width + x) * filters;
  }
};

// Some channels and filters of a kernel.
struct KernelBlock {
  size_t channel, deep, filter, wide;
};

// Memory of this thread's own that is written over.
template <int Number>
float *Scratch(size_t size) {
  thread_local std::vector<float> memory;
  if (memory.size() < size + 16) memory.resize(size + 16);
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory.data());
  return reinterpret_cast<float *>((address + 63) & ~uintptr_t{63});
}

#pragma GCC push_options
#pragma GCC optimize("O3", "fp-contract=fast")
namespace plain {
#include "winograd-kernel.h"
}
#pragma GCC pop_options

#ifdef DELTASCOPE_X86
#pragma GCC push_options
#pragma GCC optimize("O3", "fp-contract=fast")
#pragma GCC target("avx2,fma")
namespace avx2 {
#include "winograd-kernel.h"
}
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC optimize("O3", "fp-contract=fast")
#pragma GCC target("avx512f")
namespace avx512 {
#include "winograd-kernel.h"
}
#pragma GCC pop_options
#endif

struct Winograd {
  decltype(&plain::ConvolveTiles) convolve;
  decltype(&plain::CorrelateTiles) correlate;
  decltype(&plain::KernelOfSums) kernel_of;
};

inline const Winograd &WinogradOfThisMachine() {
  static const Winograd found = [] {
#ifdef DELTASCOPE_X86
    if (__builtin_cpu_supports("avx512f")) {
      return Winograd{avx512::ConvolveTiles, avx512::CorrelateTiles, avx512::KernelOfSums};
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return Winograd{avx2::ConvolveTiles, avx2::CorrelateTiles, avx2::KernelOfSums};
    }
#endif
    return Winograd{plain::ConvolveTiles, plain::CorrelateTiles, plain::KernelOfSums};
  }();
  return found;
}

// Outputs of all groups; `turned`: the kernel [3, 3, filters, channels] leads from gradients back to maps.
inline void Convolve(const Tiling &tiling, const std::vector<const float *> &maps, const float *kernel,
                     bool turned, const std::vector<float *> &outputs) {
  const size_t tiles = tiling.ends.back();
  const size_t blocks = (tiles + kMostTiles - 1) / kMostTiles;
  const size_t columns = (tiling.filters + kBlock - 1) / kBlock;
  Together(blocks * columns, [&](size_t part) {
    const size_t block = part / columns, filter = part % columns * kBlock;
    const size_t first = tiles * block / blocks, end = tiles * (block + 1) / blocks;
    WinogradOfThisMachine().convolve(tiling, maps, kernel, turned, outputs, first, end - first, filter,
                                     std::min(kBlock, tiling.filters - filter));
  });
}

// The kernel's gradient [3, 3, channels, filters] of all groups together, and of the last one alone where
// there is an `own`.
inline void Correlate(const Tiling &tiling, const std::vector<const float *> &maps,
                      const std::vector<const float *> &gradients, float *whole, float *own) {
  const Winograd &of = WinogradOfThisMachine();
  const size_t columns = (tiling.filters + kBlock - 1) / kBlock;
  const size_t blocks = (tiling.channels + kBlock - 1) / kBlock * columns;
  const size_t groups = tiling.ends.size();
  // Of few blocks each is summed up in several parts.
  constexpr size_t kFewest = 16, kSums = 16 * kBlock * kBlock;
  size_t splits = std::max<size_t>(1, kFewest / blocks);
  for (size_t group = 0; group < groups; group++) {
    splits = std::min(splits, (tiling.ends[group] - tiling.Begin(group) + kMostTiles - 1) / kMostTiles);
  }
  const auto block_of = [&](size_t number) {
    const size_t channel = number / columns * kBlock, filter = number % columns * kBlock;
    return KernelBlock{channel, std::min(kBlock, tiling.channels - channel), filter,
                       std::min(kBlock, tiling.filters - filter)};
  };
  const auto finish = [&](const KernelBlock &block, float *sums) {
    if (own != nullptr) of.kernel_of(tiling, block, sums + (groups - 1) * kSums, own);
    for (size_t i = kSums; i < groups * kSums; i++) sums[i % kSums] += sums[i];
    of.kernel_of(tiling, block, sums, whole);
  };
  float *const partial = splits > 1 ? Scratch<3>(blocks * splits * groups * kSums) : nullptr;
  Together(blocks * splits, [&](size_t part) {
    const KernelBlock block = block_of(part / splits);
    const size_t split = part % splits;
    float *const sums = splits > 1 ? partial + part * groups * kSums : Scratch<2>(groups * kSums);
    for (size_t group = 0; group < groups; group++) {
      const size_t begin = tiling.Begin(group), tiles = tiling.ends[group] - begin;
      of.correlate(tiling, maps, gradients, begin + tiles * split / splits,
                   begin + tiles * (split + 1) / splits, block, sums + group * kSums);
    }
    if (splits == 1) finish(block, sums);
  });
  if (splits == 1) return;
  Together(blocks, [&](size_t number) {
    float *const sums = partial + number * splits * groups * kSums;
    for (size_t i = groups * kSums; i < splits * groups * kSums; i++) sums[i % (groups * kSums)] += sums[i];
    finish(block_of(number), sums);
  });
}

// The tiling of maps ids[from …] by a kernel [3, 3, in, out]; false where a shape does not fit.
inline bool TilingOf(const Floats &given, size_t from, size_t groups, ptrdiff_t padding, size_t channels,
                     size_t filters, std::vector<Tiling> *made) {
  if (groups == 0 || channels % kBlockStep != 0 || filters % kBlockStep != 0) return false;
  std::vector<size_t> images;
  for (size_t i = 0; i < groups; i++) {
    const std::vector<int64_t> shape = given.Shape(from + i), first = given.Shape(from);
    const bool is_map = shape.size() == 4 && shape[0] > 0 && shape[1] == first[1] && shape[2] == first[2] &&
                        shape[1] + 2 * padding >= 3 && shape[2] + 2 * padding >= 3;
    if (!is_map || static_cast<size_t>(shape[3]) != channels) return false;
    images.push_back(static_cast<size_t>(shape[0]));
  }
  made->emplace_back(given.Shape(from), filters, padding, images);
  return true;
}

inline bool IsKernel(const std::vector<int64_t> &shape) {
  return shape.size() == 4 && shape[0] == 3 && shape[1] == 3;
}

}  // namespace deltascope

// convolveTiled(ids: [kernel, x of each group …], padding, turned): x ∗ kernel of each group, zeros around
// it; turned: by the kernel that leads from gradients back to the maps.
static napi_value ConvolveTiled(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  int32_t padding = 0;
  bool turned = false;
  napi_get_value_int32(env, call.args[1], &padding);
  napi_get_value_bool(env, call.args[2], &turned);
  std::vector<deltascope::Tiling> tiling;
  bool fits = given.AreThere() && given.Size() >= 2 && deltascope::IsKernel(given.Shape(0)) && padding >= 0;
  if (fits) {
    const std::vector<int64_t> kernel = given.Shape(0);
    fits = deltascope::TilingOf(given, 1, given.Size() - 1, padding, kernel[turned ? 3 : 2],
                                kernel[turned ? 2 : 3], &tiling);
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "convolveTiled() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  std::vector<const float *> maps;
  std::vector<std::vector<int64_t>> shapes;
  for (size_t i = 1; i < given.Size(); i++) {
    maps.push_back(given.Data(i));
    shapes.push_back({given.Shape(i)[0], static_cast<int64_t>(tiling[0].out_height),
                      static_cast<int64_t>(tiling[0].out_width), static_cast<int64_t>(tiling[0].filters)});
  }
  return deltascope::NewTensors(env, call.backend, shapes, [&](const std::vector<float *> &outputs) {
    deltascope::Convolve(tiling[0], maps, given.Data(0), turned, outputs);
  });
}

// correlateTiled(ids: [x of each group …, gradient by x ∗ kernel of each …], padding, wantsOwn): the
// gradient by the kernel of all groups and, where it is wanted, of the last one alone.
static napi_value CorrelateTiled(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  int32_t padding = 0;
  bool wants_own = false;
  napi_get_value_int32(env, call.args[1], &padding);
  napi_get_value_bool(env, call.args[2], &wants_own);
  std::vector<deltascope::Tiling> tiling;
  const size_t groups = given.Size() / 2;
  bool fits = given.AreThere() && groups > 0 && given.Size() % 2 == 0 && padding >= 0 &&
              given.Shape(0).size() == 4 && given.Shape(groups).size() == 4;
  if (fits) {
    const int64_t channels = given.Shape(0)[3], filters = given.Shape(groups)[3];
    fits = deltascope::TilingOf(given, 0, groups, padding, channels, filters, &tiling);
    for (size_t i = 0; fits && i < groups; i++) {
      const std::vector<int64_t> wanted = {given.Shape(i)[0], static_cast<int64_t>(tiling[0].out_height),
                                           static_cast<int64_t>(tiling[0].out_width), filters};
      fits = given.Shape(groups + i) == wanted;
    }
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "correlateTiled() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  std::vector<const float *> maps, gradients;
  for (size_t i = 0; i < groups; i++) {
    maps.push_back(given.Data(i));
    gradients.push_back(given.Data(groups + i));
  }
  const std::vector<int64_t> kernel = {3, 3, static_cast<int64_t>(tiling[0].channels),
                                       static_cast<int64_t>(tiling[0].filters)};
  const std::vector<std::vector<int64_t>> shapes(wants_own ? 2 : 1, kernel);
  return deltascope::NewTensors(env, call.backend, shapes, [&](const std::vector<float *> &made) {
    deltascope::Correlate(tiling[0], maps, gradients, made[0], wants_own ? made[1] : nullptr);
  });
}
