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
  const float *Next(size_t n, std::vector<float> &joint) {
    while (Ends()) Advance();
    const Segment &segment = segments_[segment_];
    if (segment.count - offset_ >= n) {
      offset_ += n;
      return segment.data + offset_ - n;
    }
    if (joint.size() < n) joint.resize(n);
    for (size_t filled = 0; filled < n;) {
      while (Ends()) Advance();
      const Segment &next = segments_[segment_];
      const size_t taken = std::min(next.count - offset_, n - filled);
      std::memcpy(joint.data() + filled, next.data + offset_, taken * sizeof(float));
      filled += taken;
      offset_ += taken;
    }
    return joint.data();
  }

 private:
  bool Ends() const { return segment_ < segments_.size() && offset_ >= segments_[segment_].count; }
  void Advance() { offset_ -= segments_[segment_++].count; }

  const std::vector<Segment> &segments_;
  size_t segment_ = 0, offset_;
};

// What numbers are quantised to (with 32 bits they stay as they are), and what was left over of them before where there is a `carry`, which
// counts `ratio` times and becomes what is left over now.
struct Quantised {
  int bits;
  size_t block;
  void *values;
  float *scales, *carry;
  float ratio;
};

// An array's tensors, one after another, and what they are quantised to.
struct Quantising {
  std::vector<Segment> segments;
  size_t count;
  Quantised made;
};

// Quantises the numbers from `from` to `to`, whole blocks but for the last; false where one is not finite.
inline bool QuantiseRange(const Quantising &array, size_t from, size_t to) {
  const Quantised &made = array.made;
  const int bits = made.bits;
  const float largest = bits == 16 ? 32767.0f : bits == 8 ? 127.0f : 7.0f;
  std::vector<float> joint, summed(made.carry == nullptr ? 0 : made.block);
  Reading reading(array.segments, from);
  if (made.bits == 32) {
    const float *const x = reading.Next(to - from, joint);
    std::memcpy(static_cast<float *>(made.values) + from, x, (to - from) * sizeof(float));
    return true;
  }
  for (size_t at = from; at < to; at += made.block) {
    const size_t n = std::min(made.block, to - at);
    const float *x = reading.Next(n, joint);
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

// Quantises arrays, all threads together; false where a number is not finite.
inline bool QuantiseAll(const std::vector<Quantising> &arrays) {
  struct Range {
    const Quantising *array;
    size_t from, to;
  };
  std::vector<Range> ranges;
  for (const Quantising &array : arrays) {
    // An even number of blocks: no two threads write to one byte of 4-bit numbers.
    const size_t block = std::max<size_t>(1, array.made.block);
    const size_t most = (kQuantised / block / 2 + 1) * 2 * block;
    for (size_t from = 0; from < array.count; from += most)
      ranges.push_back({&array, from, std::min(array.count, from + most)});
  }
  std::atomic<bool> are_finite{true};
  Together(ranges.size(), [&](size_t i) {
    if (!QuantiseRange(*ranges[i].array, ranges[i].from, ranges[i].to)) are_finite = false;
  });
  return are_finite;
}

// Tells where an array of JavaScript's lies; false where it is none of this type and length.
template <typename Number>
bool Locate(napi_env env, napi_value array, napi_typedarray_type wanted, size_t length, Number **numbers) {
  napi_typedarray_type type;
  size_t found = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &found, &data, nullptr, nullptr) != napi_ok) return false;
  *numbers = static_cast<Number *>(data);
  return type == wanted && found == length;
}

}  // namespace deltascope

// quantiseTensors(ids: number[], plan: Float64Array of an array's tensors, bits, block and ratio, array by
//   array, arrays: of each its values, scales and carry or null): boolean. False where a number that is to
//   be rounded is not finite; with 32 bits none is, and there are no scales.
static napi_value QuantiseTensors(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats tensors(env, call.backend, call.args[0]);
  napi_typedarray_type type;
  size_t planned = 0;
  void *given = nullptr;
  ENSURE_NAPI_OK_RETVAL(
      env, napi_get_typedarray_info(env, call.args[1], &type, &planned, &given, nullptr, nullptr),
      nullptr);
  bool fits = tensors.AreThere() && type == napi_float64_array && planned % 4 == 0;
  const double *const plan = static_cast<const double *>(given);
  std::vector<deltascope::Quantising> all;
  size_t used = 0;
  const auto element = [&](size_t i) {
    napi_value found = nullptr;
    napi_get_element(env, call.args[2], static_cast<uint32_t>(i), &found);
    return found;
  };
  for (size_t i = 0; fits && i < planned / 4; i++) {
    const double *const asked = plan + 4 * i;
    const int bits = static_cast<int>(asked[1]);
    const size_t taken = static_cast<size_t>(asked[0]), block = static_cast<size_t>(asked[2]);
    const bool rounds = bits == 16 || bits == 8 || bits == 4;
    fits = taken <= tensors.Size() - used && (rounds ? block > 0 : bits == 32);
    if (!fits) break;
    std::vector<deltascope::Segment> segments;
    size_t count = 0;
    for (size_t end = used + taken; used < end; used++) {
      segments.push_back({tensors.Data(used), tensors.Count(used)});
      count += tensors.Count(used);
    }
    const napi_typedarray_type wanted =
        bits == 32   ? napi_float32_array
        : bits == 16 ? napi_int16_array
        : bits == 8  ? napi_int8_array
                     : napi_uint8_array;
    void *values = nullptr;
    float *scales = nullptr, *carry = nullptr;
    napi_valuetype carried = napi_null;
    fits = deltascope::Locate(env, element(3 * i), wanted, bits == 4 ? (count + 1) / 2 : count, &values) &&
           (!rounds || deltascope::Locate(env, element(3 * i + 1), napi_float32_array,
                                          (count + block - 1) / block, &scales)) &&
           napi_typeof(env, element(3 * i + 2), &carried) == napi_ok &&
           (carried == napi_null ||
            deltascope::Locate(env, element(3 * i + 2), napi_float32_array, count, &carry));
    all.push_back({std::move(segments), count,
                   {bits, block, values, scales, carry, static_cast<float>(asked[3])}});
  }
  if (!fits || used != tensors.Size()) {
    NAPI_THROW_ERROR(env, "quantiseTensors() was given %d tensors that are not there or don't fit its arrays.",
                     static_cast<int>(tensors.Size()));
    return nullptr;
  }
  napi_value result;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_boolean(env, deltascope::QuantiseAll(all), &result), nullptr);
  return result;
}
