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

// Numbers that a thread takes at a time.
constexpr size_t kNumbersPerThread = size_t{1} << 16;

inline void DescendAll(float *weights, const float *gradient, float *velocity, size_t n,
                       const Coefficients &at) {
  Together((n + kNumbersPerThread - 1) / kNumbersPerThread, [&](size_t part) {
    const size_t from = part * kNumbersPerThread;
    DescendRange(weights + from, gradient + from, velocity == nullptr ? nullptr : velocity + from,
                 std::min(kNumbersPerThread, n - from), at);
  });
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

  const deltascope::Floats tensors(env, backend, args[0]);
  const size_t ids = tensors.Size();
  napi_typedarray_type type;
  size_t length = 0;
  void *given = nullptr;
  ENSURE_NAPI_OK_RETVAL(
      env, napi_get_typedarray_info(env, args[1], &type, &length, &given, nullptr, nullptr),
      nullptr);
  if (type != napi_float32_array || length != 7) {
    NAPI_THROW_ERROR(env, "descend() was given %d coefficients, not the 7 that it takes.",
                     static_cast<int>(length));
    return nullptr;
  }
  const float *const numbers = static_cast<const float *>(given);
  const deltascope::Coefficients at{numbers[0], numbers[1], numbers[2], numbers[3],
                                    numbers[4], numbers[5], numbers[6]};
  const bool moves = at.kappa != 0.0f;
  bool fits = tensors.AreThere() && ids == (moves ? 3 : 2);
  for (size_t i = 1; i < ids && fits; i++) fits = tensors.Count(i) == tensors.Count(0);
  if (!fits) {
    NAPI_THROW_ERROR(env, "descend() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(ids));
    return nullptr;
  }
  deltascope::DescendAll(tensors.Data(0), tensors.Data(1), moves ? tensors.Data(2) : nullptr,
                         tensors.Count(0), at);
  return nullptr;
}
