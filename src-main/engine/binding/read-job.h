// Jobs as JavaScript describes them: StoredJob in src-main/engine/kernels/stored-job.ts. Included by
// products.cc behind stored-job.h.
#pragma once

#include "node_api.h"

namespace deltascope {

// A property; null of what is no object.
static napi_value Property(napi_env env, napi_value object, const char *name) {
  napi_value value = nullptr;
  napi_valuetype type;
  if (napi_typeof(env, object, &type) != napi_ok || type != napi_object) return nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

static size_t NumberOf(napi_env env, napi_value object, const char *name) {
  double number = 0;
  napi_get_value_double(env, Property(env, object, name), &number);
  return number < 0 ? 0 : static_cast<size_t>(number);
}

// An array's numbers; null where it is missing or of another type.
template <class T>
static T *ArrayOf(napi_env env, napi_value object, const char *name, napi_typedarray_type wanted,
                  size_t *length) {
  napi_typedarray_type type;
  void *data = nullptr;
  *length = 0;
  const napi_value value = Property(env, object, name);
  bool is_array = false;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return nullptr;
  if (napi_get_typedarray_info(env, value, &type, length, &data, nullptr, nullptr) != napi_ok ||
      type != wanted) {
    *length = 0;
    return nullptr;
  }
  return static_cast<T *>(data);
}

// False where an array is missing or too short for so many parts.
static bool ReadStored(napi_env env, napi_value object, size_t parts, Stored &stored) {
  const size_t codec = NumberOf(env, object, "codec");
  if (codec > 3) return false;
  stored.codec = static_cast<Codec>(codec);
  stored.block = std::max<size_t>(1, NumberOf(env, object, "block"));
  stored.columns = NumberOf(env, object, "columns");
  size_t files, values, scales;
  stored.files = ArrayOf<int32_t>(env, object, "files", napi_int32_array, &files);
  stored.values = ArrayOf<double>(env, object, "values", napi_float64_array, &values);
  stored.scales = ArrayOf<double>(env, object, "scales", napi_float64_array, &scales);
  stored.memory = nullptr;
  if (stored.columns == 0 || values != parts) return false;
  if (stored.files ? files != parts : stored.codec != Codec::kDense) return false;
  return stored.codec == Codec::kDense || scales == parts;
}

// The taps [positions, offsets]: the pixel under each, or less than 0.
static bool ReadGram(napi_env env, napi_value object, Gram &gram) {
  size_t taps = 0;
  const int32_t *const pixels = ArrayOf<int32_t>(env, object, "taps", napi_int32_array, &taps);
  gram.pixels = NumberOf(env, object, "pixels");
  gram.positions = NumberOf(env, object, "positions");
  gram.bias = NumberOf(env, object, "bias") != 0;
  if (gram.pixels == 0 || gram.positions == 0 || taps % gram.positions != 0) return false;
  gram.taps.resize(taps / gram.positions);
  for (size_t i = 0; i < taps; i++) {
    if (pixels[i] < 0) continue;
    if (static_cast<size_t>(pixels[i]) >= gram.pixels) return false;
    Gram::Tap &tap = gram.taps[i % gram.taps.size()];
    tap.positions.push_back(static_cast<int32_t>(i / gram.taps.size()));
    tap.pixels.push_back(pixels[i]);
  }
  return true;
}

// False where a pair has no second part that fits, or too few vectors.
static bool ReadPair(napi_env env, napi_value object, size_t left, size_t right, Job &job) {
  if (!ReadStored(env, Property(env, object, "pair"), job.parts, job.d)) return false;
  if (!job.x.files || !job.d.files || !ReadGram(env, object, job.gram)) return false;
  return left >= job.count * job.gram.pixels * Padded(job.x.columns) &&
         right >= job.count * job.gram.positions * Padded(job.d.columns);
}

// False where there is too little room for what is formed, or too few maps that it is formed of.
static bool ReadForm(napi_env env, napi_value object, size_t left, size_t right, Job &job) {
  if (!ReadGram(env, object, job.gram)) return false;
  size_t made = 0;
  job.made = ArrayOf<float>(env, object, "made", napi_float32_array, &made);
  job.channels = NumberOf(env, object, "channels");
  const Gram &gram = job.gram;
  const size_t rows = gram.taps.size() * job.channels + gram.bias;
  return job.channels > 0 && left >= job.count * gram.pixels * job.channels &&
         right >= job.count * gram.positions * Padded(job.x.columns) &&
         made >= job.count * Padded(rows * job.x.columns);
}

// False where an array is missing or too short for what is asked.
static bool ReadJob(napi_env env, napi_value object, Job &job) {
  const size_t kind = NumberOf(env, object, "kind");
  if (kind > 5) return false;
  job.kind = static_cast<Kind>(kind);
  job.count = NumberOf(env, object, "count");
  job.rows = ArrayOf<int32_t>(env, object, "rows", napi_int32_array, &job.parts);
  if (job.count == 0 || !ReadStored(env, object, job.parts, job.x)) return false;
  size_t skipped, memory, left, right, out;
  job.skipped = ArrayOf<int32_t>(env, object, "skipped", napi_int32_array, &skipped);
  job.x.memory = ArrayOf<uint8_t>(env, object, "memory", napi_float32_array, &memory);
  job.left = ArrayOf<float>(env, object, "left", napi_float32_array, &left);
  job.right = ArrayOf<float>(env, object, "right", napi_float32_array, &right);
  job.out = ArrayOf<double>(env, object, "out", napi_float64_array, &out);
  const size_t stride = Padded(job.x.columns);
  job.left_stride = job.kind == Kind::kProducts ? stride : left / job.count;
  if (left < job.left_stride * job.count) return false;
  if (job.kind == Kind::kBilinear && right < stride * job.count) return false;
  if (job.kind == Kind::kPairs && !ReadPair(env, object, left, right, job)) return false;
  if (job.kind == Kind::kForm) return ReadForm(env, object, left, right, job) && job.parts == 0;
  size_t place = 0;
  for (size_t p = 0; p < job.parts; p++) {
    const size_t rows = job.rows[p], before = skipped == job.parts ? job.skipped[p] : 0;
    const bool has_left = job.kind == Kind::kBilinear || job.kind == Kind::kImage;
    if (has_left && before + rows > job.left_stride) return false;
    if (!job.x.files && job.x.values[p] / 4 + rows * job.x.columns > memory) return false;
    job.places.push_back(place);
    place += job.kind == Kind::kBilinear ? job.count
             : job.kind == Kind::kImage    ? job.count * stride
             : job.kind == Kind::kNumbers  ? rows * stride
                                           : rows * job.count;
  }
  return out == place;
}

}  // namespace deltascope
