// Softmax cross-entropy, in doubles as in src-main/engine/loss.ts. Included by tfjs_binding.cc behind
// tensors.h; see binding-patch.mjs.

namespace deltascope {

// Adds up the loss of rows [count, classes] and counts those whose largest number is their label;
// `gradient` becomes (softmax − one-hot) / count.
inline void SoftmaxCrossEntropy(const float *logits, const int32_t *labels, size_t count,
                                size_t classes, float *gradient, double *loss, double *hits) {
  std::vector<double> powers(classes);
  for (size_t row = 0; row < count; row++) {
    const float *const own = logits + row * classes;
    const size_t label = static_cast<size_t>(labels[row]);
    // NaN is no maximum, and the first of equal ones counts.
    size_t best = 0;
    for (size_t c = 1; c < classes; c++) {
      if (own[c] > own[best]) best = c;
    }
    const double largest = own[best];
    double sum = 0;
    for (size_t c = 0; c < classes; c++) sum += powers[c] = std::exp(own[c] - largest);
    *loss += largest + std::log(sum) - own[label];
    *hits += best == label;
    for (size_t c = 0; c < classes; c++) {
      const double probability = powers[c] / sum;
      gradient[row * classes + c] = static_cast<float>((probability - (c == label)) / count);
    }
  }
}

}  // namespace deltascope

// softmaxCrossEntropy(ids: [logits], labels: Int32Array, sums: Float64Array(2)): the gradient of the
//   mean over rows; `sums` become the sum of losses and the number of hits.
static napi_value SoftmaxCrossEntropy(napi_env env, napi_callback_info info) {
  deltascope::Call<3> call;
  if (!call.Begin(env, info)) return nullptr;
  const deltascope::Floats given(env, call.backend, call.args[0]);
  napi_typedarray_type types[2];
  size_t lengths[2] = {0, 0};
  void *arrays[2] = {nullptr, nullptr};
  for (int i = 0; i < 2; i++) {
    ENSURE_NAPI_OK_RETVAL(env, napi_get_typedarray_info(env, call.args[1 + i], &types[i], &lengths[i],
                                                        &arrays[i], nullptr, nullptr), nullptr);
  }
  std::vector<int64_t> shape;
  bool fits = given.AreThere() && given.Size() == 1 && types[0] == napi_int32_array &&
              types[1] == napi_float64_array && lengths[1] == 2;
  if (fits) {
    shape = given.Shape(0);
    fits = shape.size() == 2 && static_cast<size_t>(shape[0]) == lengths[0];
  }
  const int32_t *const labels = static_cast<const int32_t *>(arrays[0]);
  for (size_t row = 0; row < lengths[0] && fits; row++) {
    fits = labels[row] >= 0 && labels[row] < shape[1];
  }
  if (!fits) {
    NAPI_THROW_ERROR(env, "softmaxCrossEntropy() was given %d tensors that are not there or don't fit.",
                     static_cast<int>(given.Size()));
    return nullptr;
  }
  double *const sums = static_cast<double *>(arrays[1]);
  sums[0] = sums[1] = 0;
  return deltascope::NewTensor(env, call.backend, shape, [&](float *gradient) {
    deltascope::SoftmaxCrossEntropy(given.Data(0), labels, lengths[0], shape[1], gradient, &sums[0],
                                    &sums[1]);
  });
}
