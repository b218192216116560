// Operations of a small step that the runtime takes longer to call than to do. Included by
// tfjs_binding.cc behind tensors.h, threads.h and gemm.h; see binding-patch.mjs.

namespace deltascope {

// Numbers that a thread takes at a time where each is changed by itself.
constexpr size_t kChanged = size_t{1} << 16;

template <typename Change>
void ChangeAll(size_t count, const Change &change) {
  Together((count + kChanged - 1) / kChanged, [&](size_t part) {
    const size_t from = part * kChanged;
    change(from, std::min(count, from + kChanged));
  });
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void Rectify(const float *x, float *y, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) y[i] = x[i] < 0.0f ? 0.0f : x[i];  // NaN stays
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void RectifyGradient(const float *gradient, const float *y, float *out, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) out[i] = y[i] > 0.0f ? gradient[i] : 0.0f;
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void AddRow(float *rows, const float *row, size_t count, size_t length) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < length; j++) rows[i * length + j] += row[j];
  }
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void SumRows(const float *rows, float *sum, size_t count, size_t length) {
  std::memset(sum, 0, length * sizeof(float));
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < length; j++) sum[j] += rows[i * length + j];
  }
}

}  // namespace deltascope

// multiply(lefts: [A …], rights: [B] or [B, row], transposeB): A op(B) (+ row, in every row) of each A.
static napi_value Multiply(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  bool transposed = false;
  napi_get_value_bool(env, call.args[2], &transposed);
  const deltascope::Floats lefts(env, call.backend, call.args[0]);
  const deltascope::Floats rights(env, call.backend, call.args[1]);
  bool fits = lefts.AreThere() && rights.AreThere() && lefts.Size() > 0 && rights.Size() >= 1 &&
              rights.Size() <= 2 && rights.Shape(0).size() == 2;
  std::vector<int64_t> b;
  std::vector<std::vector<int64_t>> shapes;
  if (fits) {
    b = rights.Shape(0);
    if (transposed) std::swap(b[0], b[1]);
    fits = b[0] > 0 && (rights.Size() < 2 || rights.Count(1) == static_cast<size_t>(b[1]));
  }
  for (size_t i = 0; fits && i < lefts.Size(); i++) {
    const std::vector<int64_t> a = lefts.Shape(i);
    fits = a.size() == 2 && a[1] == b[0];
    if (fits) shapes.push_back({a[0], b[1]});
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "multiply() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(lefts.Size() + rights.Size()));
    return nullptr;
  }
  return deltascope::NewTensors(env, call.backend, shapes, [&](const std::vector<float *> &products) {
    std::vector<deltascope::Left> all;
    const size_t depth = static_cast<size_t>(b[0]), columns = static_cast<size_t>(b[1]);
    for (size_t i = 0; i < products.size(); i++) {
      all.push_back({{lefts.Data(i), depth, 1}, products[i], static_cast<size_t>(shapes[i][0])});
    }
    deltascope::Products(all, rights.Data(0), columns, depth, transposed);
    for (size_t i = 0; i < products.size() && rights.Size() == 2; i++) {
      deltascope::AddRow(products[i], rights.Data(1), all[i].rows, columns);
    }
  });
}

// multiplySum(ids: [A …, B …]): Σ Aᵀ B.
static napi_value MultiplySum(napi_env env, napi_callback_info info) {
  deltascope::Call<1> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  const size_t pairs = given.Size() / 2;
  bool fits = given.AreThere() && pairs > 0 && given.Size() % 2 == 0;
  for (size_t i = 0; fits && i < pairs; i++) {
    const std::vector<int64_t> a = given.Shape(i), b = given.Shape(pairs + i);
    fits = a.size() == 2 && b.size() == 2 && a[0] == b[0] && a[0] > 0 && a[1] == given.Shape(0)[1] &&
           b[1] == given.Shape(pairs)[1];
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "multiplySum() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  const int64_t m = given.Shape(0)[1], n = given.Shape(pairs)[1];
  return deltascope::NewTensor(env, call.backend, {m, n}, [&](float *sum) {
    std::vector<deltascope::Pair> all;
    for (size_t i = 0; i < pairs; i++) {
      all.push_back({{given.Data(i), 1, static_cast<size_t>(m)}, given.Data(pairs + i),
                     static_cast<size_t>(given.Shape(i)[0])});
    }
    deltascope::ProductSum(all, sum, static_cast<size_t>(m), static_cast<size_t>(n));
  });
}

// sumRows(ids: [X]): the sum over all but the last axis.
static napi_value SumRows(napi_env env, napi_callback_info info) {
  deltascope::Call<1> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  if (!given.AreThere() || given.Size() != 1 || given.Shape(0).empty() || given.Count(0) == 0) {
    NAPI_THROW_ERROR(env, "sumRows() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  const size_t length = static_cast<size_t>(given.Shape(0).back());
  return deltascope::NewTensor(env, call.backend, {static_cast<int64_t>(length)}, [&](float *sum) {
    deltascope::SumRows(given.Data(0), sum, given.Count(0) / length, length);
  });
}

// rectify(ids: [x] or [gradient, y]): max(x, 0), or the gradient where y > 0.
static napi_value Rectify(napi_env env, napi_callback_info info) {
  deltascope::Call<1> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  const size_t size = given.Size();
  if (!given.AreThere() || size < 1 || size > 2 || given.Count(0) != given.Count(size - 1)) {
    NAPI_THROW_ERROR(env, "rectify() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(size));
    return nullptr;
  }
  return deltascope::NewTensor(env, call.backend, given.Shape(0), [&](float *out) {
    deltascope::ChangeAll(given.Count(0), [&](size_t from, size_t to) {
      if (size == 1) deltascope::Rectify(given.Data(0), out, from, to);
      else deltascope::RectifyGradient(given.Data(0), given.Data(1), out, from, to);
    });
  });
}

// copyNumbers(numbers: Float32Array, shape: number[]): a tensor with a copy of them.
static napi_value CopyNumbers(napi_env env, napi_callback_info info) {
  deltascope::Call<2> call;
  if (!call.Begin(env, info)) return nullptr;
  napi_typedarray_type type;
  size_t length = 0;
  void *numbers = nullptr;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_typedarray_info(env, call.args[0], &type, &length, &numbers,
                                                      nullptr, nullptr), nullptr);
  const deltascope::Shape shape(env, call.args[1]);
  if (type != napi_float32_array || !shape.Holds(length)) {
    NAPI_THROW_ERROR(env, "copyNumbers() was given %d numbers that don't fit.", static_cast<int>(length));
    return nullptr;
  }
  return deltascope::NewTensor(env, call.backend, shape.sides, [&](float *copied) {
    std::memcpy(copied, numbers, length * sizeof(float));
  });
}

// reshape(ids: [x], shape: number[]): the same numbers in another shape, not copied.
static napi_value Reshape(napi_env env, napi_callback_info info) {
  deltascope::Call<2> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  const deltascope::Shape shape(env, call.args[1]);
  if (!given.AreThere() || given.Size() != 1 || !shape.Holds(given.Count(0))) {
    NAPI_THROW_ERROR(env, "reshape() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  return given.InShape(env, call.backend, 0, shape.sides);
}
