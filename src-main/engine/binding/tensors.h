// TensorFlow's numbers where they lie, for the functions that work on them. Included by
// tfjs_binding.cc behind GetTFJSBackend; see binding-patch.mjs.

namespace deltascope {

// A call from JavaScript with N arguments, and the backend whose tensors they speak of.
template <size_t N>
struct Call {
  napi_value args[N];
  TFJSBackend *backend = nullptr;

  // Whether all of that is there.
  bool Begin(napi_env env, napi_callback_info info) {
    size_t count = N;
    napi_value js_this;
    ENSURE_NAPI_OK_RETVAL(env, napi_get_cb_info(env, info, &count, args, &js_this, nullptr), false);
    backend = GetTFJSBackend(env);
    return backend != nullptr && count >= N;
  }
};

// A number of a JavaScript array; 0 where there is none.
inline double NumberAt(napi_env env, napi_value numbers, size_t i) {
  napi_value number;
  double found = 0;
  napi_get_element(env, numbers, static_cast<uint32_t>(i), &number);
  napi_get_value_double(env, number, &found);
  return found;
}

// The sizes of a JavaScript array.
struct Shape {
  std::vector<int64_t> sides;

  Shape(napi_env env, napi_value numbers) {
    uint32_t rank = 0;
    napi_get_array_length(env, numbers, &rank);
    for (uint32_t d = 0; d < rank; d++) {
      sides.push_back(static_cast<int64_t>(NumberAt(env, numbers, d)));
    }
  }

  // Whether so many numbers have this shape.
  bool Holds(size_t count) const {
    size_t product = 1;
    for (int64_t side : sides) {
      if (side < 0) return false;
      product *= static_cast<size_t>(side);
    }
    return product == count;
  }
};

// Hands a tensor over to the backend. Gives what executeOp() tells of an output.
inline napi_value Hand(napi_env env, TFJSBackend *backend, TF_Tensor *tensor) {
  TF_Status *const status = TF_NewStatus();
  TFE_TensorHandle *const handle = TFE_NewTensorHandle(tensor, status);
  TF_DeleteTensor(tensor);
  TF_DeleteStatus(status);
  if (handle == nullptr) {
    NAPI_THROW_ERROR(env, "%s", "TensorFlow took no tensor.");
    return nullptr;
  }
  return backend->Keep(env, handle);
}

// The fp32 tensors of a JavaScript array of ids, held while it lives.
class Floats {
 public:
  Floats(napi_env env, TFJSBackend *backend, napi_value ids) {
    uint32_t length = 0;
    napi_get_array_length(env, ids, &length);
    TF_Status *const status = TF_NewStatus();
    for (uint32_t i = 0; i < length && are_there_; i++) {
      napi_value js_id;
      int32_t id = 0;
      napi_get_element(env, ids, i, &js_id);
      napi_get_value_int32(env, js_id, &id);
      TFE_TensorHandle *const handle = backend->HandleOf(id);
      are_there_ = handle != nullptr && TFE_TensorHandleDataType(handle) == TF_FLOAT;
      if (!are_there_) break;
      TF_Tensor *const tensor = TFE_TensorHandleResolve(handle, status);
      are_there_ = TF_GetCode(status) == TF_OK;
      if (are_there_) tensors_.push_back(tensor);
    }
    TF_DeleteStatus(status);
  }
  Floats(const Floats &) = delete;
  Floats &operator=(const Floats &) = delete;
  ~Floats() {
    for (TF_Tensor *tensor : tensors_) TF_DeleteTensor(tensor);
  }

  // Whether all of them are there.
  bool AreThere() const { return are_there_; }
  size_t Size() const { return tensors_.size(); }
  float *Data(size_t i) const { return static_cast<float *>(TF_TensorData(tensors_[i])); }
  size_t Count(size_t i) const { return TF_TensorByteSize(tensors_[i]) / sizeof(float); }
  std::vector<int64_t> Shape(size_t i) const {
    std::vector<int64_t> shape(TF_NumDims(tensors_[i]));
    for (size_t d = 0; d < shape.size(); d++) shape[d] = TF_Dim(tensors_[i], static_cast<int>(d));
    return shape;
  }
  // A tensor of the same numbers where they lie. Gives what executeOp() tells of an output.
  napi_value InShape(napi_env env, TFJSBackend *backend, size_t i,
                     const std::vector<int64_t> &shape) const {
    const int64_t none = 0;
    TF_Tensor *const tensor = TF_AllocateTensor(TF_FLOAT, &none, 1, 0);
    TF_Status *const status = TF_NewStatus();
    TF_TensorBitcastFrom(tensors_[i], TF_FLOAT, tensor, shape.data(),
                         static_cast<int>(shape.size()), status);
    const bool is_made = TF_GetCode(status) == TF_OK;
    TF_DeleteStatus(status);
    if (is_made) return Hand(env, backend, tensor);
    TF_DeleteTensor(tensor);
    NAPI_THROW_ERROR(env, "%s", "TensorFlow gave a tensor no other shape.");
    return nullptr;
  }

 private:
  std::vector<TF_Tensor *> tensors_;
  bool are_there_ = true;
};

// A new tensor; `fill` gets its numbers. Gives what executeOp() tells of an output.
template <typename Fill>
napi_value NewTensor(napi_env env, TFJSBackend *backend, const std::vector<int64_t> &shape,
                     const Fill &fill) {
  size_t bytes = sizeof(float);
  for (int64_t side : shape) bytes *= static_cast<size_t>(side);
  TF_Tensor *const tensor =
      TF_AllocateTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes);
  fill(static_cast<float *>(TF_TensorData(tensor)));
  return Hand(env, backend, tensor);
}

inline napi_value ListOf(napi_env env, const std::vector<napi_value> &made) {
  napi_value list;
  napi_create_array_with_length(env, made.size(), &list);
  for (uint32_t i = 0; i < made.size(); i++) napi_set_element(env, list, i, made[i]);
  return list;
}

// Several new tensors, which are filled together.
template <typename Fill>
napi_value NewTensors(napi_env env, TFJSBackend *backend,
                      const std::vector<std::vector<int64_t>> &shapes, const Fill &fill) {
  std::vector<TF_Tensor *> tensors;
  std::vector<float *> numbers;
  for (const std::vector<int64_t> &shape : shapes) {
    size_t bytes = sizeof(float);
    for (int64_t side : shape) bytes *= static_cast<size_t>(side);
    tensors.push_back(
        TF_AllocateTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes));
    numbers.push_back(static_cast<float *>(TF_TensorData(tensors.back())));
  }
  fill(numbers);
  std::vector<napi_value> made;
  for (TF_Tensor *tensor : tensors) made.push_back(Hand(env, backend, tensor));
  return ListOf(env, made);
}

}  // namespace deltascope
