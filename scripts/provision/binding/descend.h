// Updates weights where they lie, one read and one write a number, where the tensor runtime would make
// a new tensor for each of the recursion's operations. Included by tfjs_binding.cc behind
// GetTFJSBackend; see binding-patch.mjs. The arithmetic is that of src-main/engine/optimizer.ts, bit
// for bit: needs -ffp-contract=off.


namespace deltascope {

struct Coefficients {
  float rate, coupled, decoupled, momentum, fresh, nu, kappa;
};

// W -= η (ν d + κ b), b = μ b + a d, d = g + λ W; `velocity` is null where κ is 0. A factor of 1 or 0
// is left out, as the runtime's operations are: it would change no number, but the sign of a zero.
__attribute__((optimize("O3"))) inline void DescendRange(float *weights, const float *gradient,
                                                         float *velocity, size_t n,
                                                         const Coefficients &at) {
  if (velocity == nullptr && at.coupled == 0.0f && at.decoupled == 0.0f) {
    for (size_t i = 0; i < n; i++) {
      float step = gradient[i] * at.rate;
      weights[i] = weights[i] - step;
    }
    return;
  }
  for (size_t i = 0; i < n; i++) {
    const float w = weights[i];
    float direction = gradient[i];
    if (at.coupled != 0.0f) {
      float pull = w * at.coupled;
      direction = direction + pull;
    }
    float kept = w;
    if (at.decoupled != 0.0f) {
      float decay = w * at.decoupled;
      kept = w - decay;
    }
    float change = direction;
    if (velocity != nullptr) {
      float part = at.fresh == 1.0f ? direction : direction * at.fresh;
      float held = velocity[i] * at.momentum;
      held = held + part;
      velocity[i] = held;
      float pushed = at.kappa == 1.0f ? held : held * at.kappa;
      change = at.nu == 0.0f ? pushed : direction + pushed;
    }
    float step = change * at.rate;
    weights[i] = kept - step;
  }
}

// Arrays below this fit the caches; another thread would start later than one alone ends.
constexpr size_t kNumbersPerThread = size_t{1} << 19;

inline void DescendAll(float *weights, const float *gradient, float *velocity, size_t n,
                       const Coefficients &at) {
  const size_t cores = std::max(1u, std::min(8u, std::thread::hardware_concurrency()));
  const size_t parts = std::max(size_t{1}, std::min(cores, n / kNumbersPerThread));
  std::vector<std::thread> threads;
  for (size_t part = 0; part < parts; part++) {
    const size_t from = n / parts * part;
    const size_t count = part + 1 == parts ? n - from : n / parts;
    float *const moved = velocity == nullptr ? nullptr : velocity + from;
    if (part + 1 == parts) {
      DescendRange(weights + from, gradient + from, moved, count, at);
    } else {
      threads.emplace_back(DescendRange, weights + from, gradient + from, moved, count,
                           std::cref(at));
    }
  }
  for (auto &thread : threads) thread.join();
}

}  // namespace deltascope

// descend(ids: [weights, gradient] or [weights, gradient, velocity], coefficients: Float32Array of
//   η, λ coupled, ηλ decoupled, μ, a, ν, κ).
static napi_value Descend(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2];
  napi_value js_this;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_cb_info(env, info, &argc, args, &js_this, nullptr), nullptr);
  if (argc < 2) {
    NAPI_THROW_ERROR(env, "descend() takes 2 arguments, not %d.", static_cast<int>(argc));
    return nullptr;
  }
  TFJSBackend *const backend = GetTFJSBackend(env);
  if (!backend) return nullptr;

  uint32_t ids = 0;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_array_length(env, args[0], &ids), nullptr);
  napi_typedarray_type type;
  size_t length = 0;
  void *given = nullptr;
  ENSURE_NAPI_OK_RETVAL(
      env, napi_get_typedarray_info(env, args[1], &type, &length, &given, nullptr, nullptr),
      nullptr);
  if (ids < 2 || ids > 3 || type != napi_float32_array || length != 7) {
    NAPI_THROW_ERROR(env, "descend() was given %d tensors or other coefficients than it takes.",
                     static_cast<int>(ids));
    return nullptr;
  }
  const float *const numbers = static_cast<const float *>(given);
  const deltascope::Coefficients at{numbers[0], numbers[1], numbers[2], numbers[3],
                                    numbers[4], numbers[5], numbers[6]};

  std::vector<TF_Tensor *> tensors;
  bool fits = true;
  for (uint32_t i = 0; i < ids && fits; i++) {
    napi_value js_id;
    int32_t id = 0;
    napi_get_element(env, args[0], i, &js_id);
    napi_get_value_int32(env, js_id, &id);
    TFE_TensorHandle *handle = backend->HandleOf(id);
    fits = handle != nullptr && TFE_TensorHandleDataType(handle) == TF_FLOAT;
    if (!fits) break;
    TF_Status *status = TF_NewStatus();
    TF_Tensor *tensor = TFE_TensorHandleResolve(handle, status);
    fits = TF_GetCode(status) == TF_OK;
    TF_DeleteStatus(status);
    if (!fits) break;
    tensors.push_back(tensor);
    fits = TF_TensorByteSize(tensor) == TF_TensorByteSize(tensors[0]);
  }
  if (fits) {
    float *data[3] = {nullptr, nullptr, nullptr};
    for (uint32_t i = 0; i < ids; i++) data[i] = static_cast<float *>(TF_TensorData(tensors[i]));
    const size_t count = TF_TensorByteSize(tensors[0]) / sizeof(float);
    deltascope::DescendAll(data[0], data[1], data[2], count, at);
  }
  for (TF_Tensor *tensor : tensors) TF_DeleteTensor(tensor);
  if (!fits) {
    NAPI_THROW_ERROR(env, "descend() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(ids));
  }
  return nullptr;
}
