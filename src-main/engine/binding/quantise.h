// Quantises tensors on their way out of TensorFlow, so that a quarter of the bytes or fewer are
// moved. Included by tfjs_binding.cc behind GetTFJSBackend; see binding-patch.mjs. The arithmetic is
// that of src-main/engine/codecs/quantisation.ts, bit for bit: needs -ffp-contract=off.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DELTASCOPE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DELTASCOPE_CLONES
#endif

namespace deltascope {

constexpr float kLeastMagnitude = 7.888609052210118e-31f;  // 2^-100
constexpr uint32_t kInfinity = 0x7f800000u;
// Adding and taking it away rounds to a whole number, halves to even, below 2^22.
constexpr float kRounder = 12582912.0f;

// The largest magnitude as bits, which order as the magnitudes do; NaN and infinity come last.
DELTASCOPE_CLONES __attribute__((optimize("O3")))
uint32_t LargestBits(const float *x, size_t n) {
  uint32_t most = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    std::memcpy(&bits, x + i, sizeof bits);
    bits &= 0x7fffffffu;
    most = bits > most ? bits : most;
  }
  return most;
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void Round8(const float *x, size_t n, float inverse, int8_t *out) {
  for (size_t i = 0; i < n; i++) {
    float scaled = x[i] * inverse;
    float rounded = scaled + kRounder;
    out[i] = static_cast<int8_t>(static_cast<int32_t>(rounded - kRounder));
  }
}

DELTASCOPE_CLONES __attribute__((optimize("O3")))
void Round16(const float *x, size_t n, float inverse, int16_t *out) {
  for (size_t i = 0; i < n; i++) {
    float scaled = x[i] * inverse;
    float rounded = scaled + kRounder;
    out[i] = static_cast<int16_t>(static_cast<int32_t>(rounded - kRounder));
  }
}

// Two numbers to a byte, the first in the low half; n may be odd at the end of the array only.
inline void Pack4(const float *x, size_t n, float inverse, size_t at, uint8_t *out) {
  for (size_t i = 0; i < n; i++) {
    float scaled = x[i] * inverse;
    float rounded = scaled + kRounder;
    int32_t half = static_cast<int32_t>(rounded - kRounder) & 15;
    size_t place = at + i;
    if (place & 1) out[place >> 1] |= static_cast<uint8_t>(half << 4);
    else out[place >> 1] = static_cast<uint8_t>(half);
  }
}

// u = x + ratio · carry.
DELTASCOPE_CLONES __attribute__((optimize("O3")))
void AddCarry(const float *x, size_t n, float ratio, const float *carry, float *sum) {
  for (size_t i = 0; i < n; i++) {
    float old = carry[i] * ratio;
    sum[i] = x[i] + old;
  }
}

// carry = u − what u is decoded to.
template <typename Integer>
DELTASCOPE_CLONES __attribute__((optimize("O3")))
void KeepCarry(const float *sum, const Integer *values, size_t n, float scale, float *carry) {
  for (size_t i = 0; i < n; i++) {
    float decoded = static_cast<float>(values[i]) * scale;
    carry[i] = sum[i] - decoded;
  }
}

inline void KeepCarry4(const float *sum, const uint8_t *values, size_t at, size_t n, float scale,
                       float *carry) {
  for (size_t i = 0; i < n; i++) {
    const int byte = values[(at + i) >> 1];
    const int half = (at + i) & 1 ? byte >> 4 : byte & 15;
    float decoded = static_cast<float>(half > 7 ? half - 16 : half) * scale;
    carry[i] = sum[i] - decoded;
  }
}

struct Segment {
  const float *data;
  size_t count;
};

// Segments as one array, read from a place in it on.
class Reading {
 public:
  Reading(const std::vector<Segment> &segments, size_t at) : segments_(segments), offset_(at) {
    while (Ends()) Advance();
  }

  // The next n numbers: where they lie, or copied to `joint` where they straddle tensors, such as a
  // kernel's end and its bias.
  const float *Next(size_t n, float *joint) {
    while (Ends()) Advance();
    const Segment &segment = segments_[segment_];
    if (segment.count - offset_ >= n) {
      offset_ += n;
      return segment.data + offset_ - n;
    }
    for (size_t filled = 0; filled < n;) {
      while (Ends()) Advance();
      const Segment &next = segments_[segment_];
      const size_t taken = std::min(next.count - offset_, n - filled);
      std::memcpy(joint + filled, next.data + offset_, taken * sizeof(float));
      filled += taken;
      offset_ += taken;
    }
    return joint;
  }

 private:
  bool Ends() const { return segment_ < segments_.size() && offset_ >= segments_[segment_].count; }
  void Advance() { offset_ -= segments_[segment_++].count; }

  const std::vector<Segment> &segments_;
  size_t segment_ = 0, offset_;
};

// What numbers are quantised to, and what was left over of them before where there is a `carry`, which
// counts `ratio` times and becomes what is left over now.
struct Quantised {
  int bits;
  size_t block;
  void *values;
  float *scales, *carry;
  float ratio;
};

// Quantises the numbers from `from` to `to`, whole blocks but for the last; false where one is not finite.
inline bool QuantiseRange(const std::vector<Segment> &segments, size_t from, size_t to,
                          const Quantised &made) {
  const int bits = made.bits;
  const float largest = bits == 16 ? 32767.0f : bits == 8 ? 127.0f : 7.0f;
  std::vector<float> joint(made.block), summed(made.carry == nullptr ? 0 : made.block);
  Reading reading(segments, from);
  for (size_t at = from; at < to; at += made.block) {
    const size_t n = std::min(made.block, to - at);
    const float *x = reading.Next(n, joint.data());
    if (made.carry != nullptr) {
      AddCarry(x, n, made.ratio, made.carry + at, summed.data());
      x = summed.data();
    }
    const uint32_t most = LargestBits(x, n);
    if (most >= kInfinity) return false;
    float magnitude;
    std::memcpy(&magnitude, &most, sizeof magnitude);
    if (magnitude < kLeastMagnitude) magnitude = kLeastMagnitude;
    const float inverse = largest / magnitude;
    const float scale = magnitude / largest;
    made.scales[at / made.block] = scale;
    int16_t *const wide = static_cast<int16_t *>(made.values) + at;
    int8_t *const narrow = static_cast<int8_t *>(made.values) + at;
    uint8_t *const packed = static_cast<uint8_t *>(made.values);
    if (bits == 16) Round16(x, n, inverse, wide);
    else if (bits == 8) Round8(x, n, inverse, narrow);
    else Pack4(x, n, inverse, at, packed);
    if (made.carry == nullptr) continue;
    float *const rest = made.carry + at;
    if (bits == 16) KeepCarry(x, wide, n, scale, rest);
    else if (bits == 8) KeepCarry(x, narrow, n, scale, rest);
    else KeepCarry4(x, packed, at, n, scale, rest);
  }
  return true;
}

// Numbers that a thread takes at a time, about.
constexpr size_t kQuantised = size_t{1} << 14;

// Quantises segments as one array; false where a number is not finite.
inline bool Quantise(const std::vector<Segment> &segments, const Quantised &made) {
  size_t total = 0;
  for (const auto &segment : segments) total += segment.count;
  // An even number of blocks: no two threads write to one byte of 4-bit numbers.
  const size_t most = (kQuantised / made.block / 2 + 1) * 2 * made.block;
  std::atomic<bool> are_finite{true};
  Together((total + most - 1) / most, [&](size_t part) {
    const size_t from = part * most;
    if (!QuantiseRange(segments, from, std::min(total, from + most), made)) are_finite = false;
  });
  return are_finite;
}

}  // namespace deltascope

// quantiseTensors(ids: number[], bits: 16 | 8 | 4, block: number, values: typed array,
//   scales: Float32Array, carry?: Float32Array, ratio?: number): boolean. False where a number is not
//   finite.
static napi_value QuantiseTensors(napi_env env, napi_callback_info info) {
  size_t argc = 7;
  napi_value args[7];
  napi_value js_this;
  napi_status nstatus = napi_get_cb_info(env, info, &argc, args, &js_this, nullptr);
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);
  if (argc != 5 && argc != 7) {
    NAPI_THROW_ERROR(env, "quantiseTensors() takes 5 or 7 arguments, not %d.", static_cast<int>(argc));
    return nullptr;
  }
  TFJSBackend *const backend = GetTFJSBackend(env);
  if (!backend) return nullptr;

  int32_t bits = 0;
  uint32_t block = 0;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_value_int32(env, args[1], &bits), nullptr);
  ENSURE_NAPI_OK_RETVAL(env, napi_get_value_uint32(env, args[2], &block), nullptr);
  napi_typedarray_type values_type, scales_type;
  size_t values_length = 0, scales_length = 0;
  void *values = nullptr, *scales = nullptr;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_typedarray_info(env, args[3], &values_type, &values_length,
                                                      &values, nullptr, nullptr), nullptr);
  ENSURE_NAPI_OK_RETVAL(env, napi_get_typedarray_info(env, args[4], &scales_type, &scales_length,
                                                      &scales, nullptr, nullptr), nullptr);
  const napi_typedarray_type wanted =
      bits == 16 ? napi_int16_array : bits == 8 ? napi_int8_array : napi_uint8_array;
  if ((bits != 16 && bits != 8 && bits != 4) || block == 0 || values_type != wanted ||
      scales_type != napi_float32_array) {
    NAPI_THROW_ERROR(env, "quantiseTensors() was given arrays of another type than %d bits.", bits);
    return nullptr;
  }

  napi_typedarray_type carry_type = napi_float32_array;
  size_t carry_length = 0;
  void *carry = nullptr;
  double ratio = 0;
  if (argc == 7) {
    ENSURE_NAPI_OK_RETVAL(env, napi_get_typedarray_info(env, args[5], &carry_type, &carry_length,
                                                        &carry, nullptr, nullptr), nullptr);
    ENSURE_NAPI_OK_RETVAL(env, napi_get_value_double(env, args[6], &ratio), nullptr);
  }

  const deltascope::Floats tensors(env, backend, args[0]);
  std::vector<deltascope::Segment> segments;
  size_t total = 0;
  for (size_t i = 0; i < tensors.Size(); i++) {
    segments.push_back({tensors.Data(i), tensors.Count(i)});
    total += tensors.Count(i);
  }
  const size_t values_wanted = bits == 4 ? (total + 1) / 2 : total;
  const bool fits =
      tensors.AreThere() && values_length == values_wanted && scales_length == (total + block - 1) / block &&
      carry_type == napi_float32_array && (argc == 5 || carry_length == total);
  const bool is_finite =
      fits && deltascope::Quantise(segments, {bits, block, values, static_cast<float *>(scales),
                                             static_cast<float *>(carry), static_cast<float>(ratio)});
  if (!fits) {
    NAPI_THROW_ERROR(env, "quantiseTensors() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(tensors.Size()));
    return nullptr;
  }
  napi_value result;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_boolean(env, is_finite, &result), nullptr);
  return result;
}
