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

// multiply(ids: [A, B] or [A, B, row], transposeA, transposeB): op(A) op(B) (+ row, in every row).
static napi_value Multiply(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  bool transposes[2] = {false, false};
  napi_get_value_bool(env, call.args[1], &transposes[0]);
  napi_get_value_bool(env, call.args[2], &transposes[1]);
  const deltascope::Floats given(env, call.backend, call.args[0]);
  bool fits = given.AreThere() && given.Size() >= 2 && given.Size() <= 3 &&
              !(transposes[0] && transposes[1]);
  std::vector<int64_t> a, b;
  if (fits) {
    a = given.Shape(0);
    b = given.Shape(1);
    fits = a.size() == 2 && b.size() == 2;
  }
  if (fits) {
    if (transposes[0]) std::swap(a[0], a[1]);
    if (transposes[1]) std::swap(b[0], b[1]);
    fits = a[1] == b[0] && (given.Size() < 3 || given.Count(2) == static_cast<size_t>(b[1]));
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "multiply() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  return deltascope::NewTensor(env, call.backend, {a[0], b[1]}, [&](float *product) {
    deltascope::Product(given.Data(0), given.Data(1), product, a[0], b[1], a[1], transposes[0],
                        transposes[1]);
    if (given.Size() == 3) deltascope::AddRow(product, given.Data(2), a[0], b[1]);
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
