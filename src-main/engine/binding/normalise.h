// Batch normalisation over pooled groups of rows, and the gradient of maxima over windows that tile a
// map: each reads memory once or twice where the runtime's operations pass over it a dozen times. Sums
// are formed part by part, parts of one size, so they don't depend on the number of threads. Included
// by tfjs_binding.cc behind tensors.h, threads.h and matrices.h; see binding-patch.mjs.

namespace deltascope {

// Numbers that a thread takes at a time.
constexpr size_t kPart = size_t{1} << 15;

inline size_t RowsOfPart(size_t channels) { return std::max<size_t>(1, kPart / channels); }

// Work on `count` rows in parts, which are told their number.
template <typename Work>
void ForRows(size_t count, size_t channels, const Work &work) {
  const size_t most = RowsOfPart(channels);
  Together((count + most - 1) / most, [&](size_t part) {
    work(part, part * most, std::min(count, (part + 1) * most));
  });
}

// sums += x − shift, squares += (x − shift)², channel by channel.
DELTASCOPE_CLONES __attribute__((optimize("O3")))
void AddMoments(const float *x, const float *shift, size_t rows, size_t channels,
                float *__restrict sums, float *__restrict squares) {
  for (size_t i = 0; i < rows; i++, x += channels) {
    for (size_t c = 0; c < channels; c++) {
      const float away = x[c] - shift[c];
      sums[c] += away;
      squares[c] += away * away;
    }
  }
}

// sums += δ, products += δ x̂.
DELTASCOPE_CLONES __attribute__((optimize("O3")))
void AddProducts(const float *delta, const float *normalized, size_t rows, size_t channels,
                 float *__restrict sums, float *__restrict products) {
  for (size_t i = 0; i < rows; i++, delta += channels, normalized += channels) {
    for (size_t c = 0; c < channels; c++) {
      sums[c] += delta[c];
      products[c] += delta[c] * normalized[c];
    }
  }
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void Normalize(const float *x, const float *mean, const float *scale, size_t rows, size_t channels,
               float *__restrict out) {
  for (size_t i = 0; i < rows; i++, x += channels, out += channels) {
    for (size_t c = 0; c < channels; c++) out[c] = (x[c] - mean[c]) * scale[c];
  }
}

// (δ − sum − x̂ product) · scale.
DELTASCOPE_CLONES __attribute__((optimize("O3")))
void NormalizeGradient(const float *delta, const float *normalized, const float *sum,
                       const float *product, const float *scale, size_t rows, size_t channels,
                       float *__restrict out) {
  for (size_t i = 0; i < rows; i++, delta += channels, normalized += channels, out += channels) {
    for (size_t c = 0; c < channels; c++) {
      out[c] = (delta[c] - sum[c] - normalized[c] * product[c]) * scale[c];
    }
  }
}

// Two sums of every channel over a group's rows; `add(from, to, one, other)` adds up those of some rows.
template <typename Add>
void SumTwice(size_t rows, size_t channels, std::vector<double> *sums, const Add &add) {
  const size_t most = RowsOfPart(channels), parts = (rows + most - 1) / most;
  std::vector<float> found(parts * 2 * channels, 0.0f);
  ForRows(rows, channels, [&](size_t part, size_t from, size_t to) {
    float *const own = found.data() + part * 2 * channels;
    add(from, to, own, own + channels);
  });
  sums->assign(2 * channels, 0.0);
  for (size_t part = 0; part < parts; part++) {
    for (size_t c = 0; c < 2 * channels; c++) (*sums)[c] += found[part * 2 * channels + c];
  }
}

// The gradient of a line of windows goes to the first place of each that holds the maximum.
DELTASCOPE_CLONES __attribute__((optimize("O3")))
void TakeMaxima(const float *x, const float *y, float *__restrict left, float *__restrict out,
                size_t channels) {
  for (size_t c = 0; c < channels; c++) {
    const bool is_here = x[c] == y[c];
    out[c] = is_here ? left[c] : 0.0f;
    left[c] = is_here ? 0.0f : left[c];
  }
}

}  // namespace deltascope

// normalize(ids: [x of each group], weights: number of each group, epsilon): x̂ of each group, then by
// channel μ = Σ weight · mean of the group, σ² = Σ weight · mean of (x − μ)², and 1/√(σ² + ε).
static napi_value Normalize(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  double epsilon = 0;
  napi_get_value_double(env, call.args[2], &epsilon);
  bool fits = given.AreThere() && given.Size() > 0 && !given.Shape(0).empty();
  const size_t channels = fits ? static_cast<size_t>(given.Shape(0).back()) : 0;
  for (size_t i = 0; fits && i < given.Size(); i++) {
    fits = channels > 0 && given.Count(i) > 0 && given.Count(i) % channels == 0;
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "normalize() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  // Around the first row, so that no digits are lost where means are large.
  const std::vector<float> shift(given.Data(0), given.Data(0) + channels);
  std::vector<double> mean(channels, 0.0), square(channels, 0.0), sums;
  for (size_t i = 0; i < given.Size(); i++) {
    const double weight = deltascope::NumberAt(env, call.args[1], i);
    const size_t rows = given.Count(i) / channels;
    const float *const x = given.Data(i);
    deltascope::SumTwice(rows, channels, &sums, [&](size_t from, size_t to, float *s, float *q) {
      deltascope::AddMoments(x + from * channels, shift.data(), to - from, channels, s, q);
    });
    for (size_t c = 0; c < channels; c++) {
      mean[c] += weight * sums[c] / rows;
      square[c] += weight * sums[channels + c] / rows;
    }
  }
  std::vector<float> found(3 * channels);
  for (size_t c = 0; c < channels; c++) {
    const double variance = std::max(0.0, square[c] - mean[c] * mean[c]);
    found[c] = static_cast<float>(mean[c] + shift[c]);
    found[channels + c] = static_cast<float>(variance);
    found[2 * channels + c] = static_cast<float>(1 / std::sqrt(variance + epsilon));
  }
  std::vector<napi_value> made;
  for (size_t i = 0; i < given.Size(); i++) {
    made.push_back(deltascope::NewTensor(env, call.backend, given.Shape(i), [&](float *out) {
      const float *const x = given.Data(i);
      deltascope::ForRows(given.Count(i) / channels, channels, [&](size_t, size_t from, size_t to) {
        deltascope::Normalize(x + from * channels, found.data(), found.data() + 2 * channels,
                              to - from, channels, out + from * channels);
      });
    }));
  }
  for (const float *each = found.data(); each < found.data() + found.size(); each += channels) {
    made.push_back(deltascope::NewTensor(env, call.backend, {static_cast<int64_t>(channels)},
                                         [&](float *out) { std::copy_n(each, channels, out); }));
  }
  return deltascope::ListOf(env, made);
}

// normalizeBy(ids: [x, mean, variance], epsilon): (x − mean) / √(variance + ε), channel by channel.
static napi_value NormalizeBy(napi_env env, napi_callback_info info) {
  deltascope::Call<2> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  double epsilon = 0;
  napi_get_value_double(env, call.args[1], &epsilon);
  const bool are_three = given.AreThere() && given.Size() == 3;
  const size_t channels = are_three ? given.Count(1) : 0;
  if (channels == 0 || given.Count(2) != channels || given.Count(0) % channels != 0) {
    NAPI_THROW_ERROR(env, "normalizeBy() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  std::vector<float> scale(channels);
  for (size_t c = 0; c < channels; c++)
    scale[c] = static_cast<float>(1 / std::sqrt(given.Data(2)[c] + epsilon));
  return deltascope::NewTensor(env, call.backend, given.Shape(0), [&](float *out) {
    const float *const x = given.Data(0);
    deltascope::ForRows(given.Count(0) / channels, channels, [&](size_t, size_t from, size_t to) {
      deltascope::Normalize(x + from * channels, given.Data(1), scale.data(), to - from, channels,
                            out + from * channels);
    });
  });
}

// normalizeGradient(ids: [1/√(σ² + ε), δ of each group, x̂ of each group], weights: w of a row of each
// group): (δ − w Σ δ − w x̂ Σ δ x̂) / √(σ² + ε) of each group.
static napi_value NormalizeGradient(napi_env env, napi_callback_info info) {
  deltascope::Call<2> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  bool fits = given.AreThere() && given.Size() >= 3 && given.Size() % 2 == 1;
  const size_t groups = fits ? given.Size() / 2 : 0;
  const size_t channels = fits ? given.Count(0) : 0;
  for (size_t i = 1; fits && i <= groups; i++) {
    fits = channels > 0 && given.Count(i) == given.Count(i + groups) && given.Count(i) % channels == 0;
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "normalizeGradient() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  std::vector<double> total(2 * channels, 0.0), sums;
  for (size_t i = 1; i <= groups; i++) {
    const float *const delta = given.Data(i), *const normalized = given.Data(i + groups);
    deltascope::SumTwice(given.Count(i) / channels, channels, &sums,
                         [&](size_t from, size_t to, float *s, float *p) {
                           deltascope::AddProducts(delta + from * channels, normalized + from * channels,
                                                   to - from, channels, s, p);
                         });
    for (size_t c = 0; c < 2 * channels; c++) total[c] += sums[c];
  }
  const float *const scale = given.Data(0);
  std::vector<napi_value> made;
  for (size_t i = 1; i <= groups; i++) {
    const double weight = deltascope::NumberAt(env, call.args[1], i - 1);
    std::vector<float> pull(2 * channels);
    for (size_t c = 0; c < 2 * channels; c++) pull[c] = static_cast<float>(weight * total[c]);
    made.push_back(deltascope::NewTensor(env, call.backend, given.Shape(i), [&](float *out) {
      const float *const delta = given.Data(i), *const normalized = given.Data(i + groups);
      deltascope::ForRows(given.Count(i) / channels, channels, [&](size_t, size_t from, size_t to) {
        const size_t at = from * channels;
        deltascope::NormalizeGradient(delta + at, normalized + at, pull.data(), pull.data() + channels,
                                      scale, to - from, channels, out + at);
      });
    }));
  }
  return deltascope::ListOf(env, made);
}

// tiledMaxGradient(ids: [gradient, x, y], height, width of a window): the gradient by x of the maxima y
// of windows that cover x side by side.
static napi_value TiledMaxGradient(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  uint32_t tall = 0, wide = 0;
  napi_get_value_uint32(env, call.args[1], &tall);
  napi_get_value_uint32(env, call.args[2], &wide);
  const deltascope::Floats given(env, call.backend, call.args[0]);
  bool fits = given.AreThere() && given.Size() == 3 && tall > 0 && wide > 0;
  std::vector<int64_t> inner, outer;
  if (fits) {
    inner = given.Shape(1);
    outer = given.Shape(2);
    fits = inner.size() == 4 && outer.size() == 4 && given.Count(0) == given.Count(2) &&
           inner[0] == outer[0] && inner[1] == outer[1] * tall && inner[2] == outer[2] * wide &&
           inner[3] == outer[3];
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "tiledMaxGradient() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  const size_t channels = static_cast<size_t>(outer[3]), columns = static_cast<size_t>(outer[2]);
  const size_t lines = static_cast<size_t>(outer[0] * outer[1]);
  const size_t length = columns * wide * channels;
  return deltascope::NewTensor(env, call.backend, inner, [&](float *out) {
    deltascope::ForRows(lines, tall * length, [&](size_t, size_t from, size_t to) {
      std::vector<float> left(channels);
      for (size_t line = from; line < to; line++) {
        for (size_t column = 0; column < columns; column++) {
          const size_t window = (line * columns + column) * channels;
          std::copy_n(given.Data(0) + window, channels, left.data());
          for (size_t place = 0; place < tall * wide; place++) {
            const size_t at = (line * tall + place / wide) * length + (column * wide + place % wide) * channels;
            // What no place before has taken is the last one's.
            if (place + 1 == tall * wide) std::copy_n(left.data(), channels, out + at);
            else deltascope::TakeMaxima(given.Data(1) + at, given.Data(2) + window, left.data(), out + at, channels);
          }
        }
      }
    });
  });
}
