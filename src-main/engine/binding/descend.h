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

// A parameter, and its velocity where there is one.
struct Descending {
  float *weights;
  const float *gradient;
  float *velocity;
  size_t count;
};

// Numbers that a thread takes at a time.
constexpr size_t kNumbersPerThread = size_t{1} << 15;

inline void DescendAll(const std::vector<Descending> &all, const Coefficients &at) {
  std::vector<Descending> parts;
  for (const Descending &each : all) {
    for (size_t from = 0; from < each.count; from += kNumbersPerThread) {
      parts.push_back({each.weights + from, each.gradient + from,
                       each.velocity == nullptr ? nullptr : each.velocity + from,
                       std::min(kNumbersPerThread, each.count - from)});
    }
  }
  Together(parts.size(), [&](size_t part) {
    const Descending &own = parts[part];
    DescendRange(own.weights, own.gradient, own.velocity, own.count, at);
  });
}

}  // namespace deltascope

// descend(ids: weights and gradient of each parameter, or weights, gradient and velocity,
//   coefficients: Float32Array of η, λ coupled, ηλ decoupled, μ, a, ν, κ).
static napi_value Descend(napi_env env, napi_callback_info info) {
  deltascope::Call<2> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats tensors(env, call.backend, call.args[0]);
  const size_t ids = tensors.Size();
  napi_typedarray_type type;
  size_t length = 0;
  void *given = nullptr;
  ENSURE_NAPI_OK_RETVAL(
      env, napi_get_typedarray_info(env, call.args[1], &type, &length, &given, nullptr, nullptr),
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
  const size_t each = moves ? 3 : 2;
  bool fits = tensors.AreThere() && ids > 0 && ids % each == 0;
  std::vector<deltascope::Descending> all;
  for (size_t i = 0; i < ids && fits; i += each) {
    const size_t count = tensors.Count(i);
    fits = tensors.Count(i + 1) == count && (!moves || tensors.Count(i + 2) == count);
    all.push_back({tensors.Data(i), tensors.Data(i + 1), moves ? tensors.Data(i + 2) : nullptr, count});
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "descend() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(ids));
    return nullptr;
  }
  deltascope::DescendAll(all, at);
  return nullptr;
}
