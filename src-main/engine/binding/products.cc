// Multiplies stored numbers where they are read: each thread reads a piece of a file into a buffer that
// stays in its cache, widens it to fp32 and multiplies it, so that a stored byte crosses the memory
// once. Nothing here knows of TensorFlow.

#pragma GCC optimize("O3", "fp-contract=fast")

#include "products.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "stored-job.h"

namespace deltascope {

struct Loops {
  void (*decode)(Codec, const void *, const float *, size_t, size_t, size_t, float *);
  // False where a codec's numbers have to be widened first.
  bool (*dot)(Codec, const void *, const float *, size_t, size_t, size_t, const float *, double *);
  void (*dots)(const float *, size_t, size_t, const float *, size_t, size_t, size_t, double *,
               size_t);
  void (*exact_dots)(const float *, size_t, size_t, const float *, size_t, size_t, size_t, double *,
                     size_t);
  void (*times)(const float *, size_t, size_t, const float *, size_t, size_t, size_t, double *,
                size_t);
  void (*outer)(const float *, size_t, const int32_t *, size_t, const float *, size_t,
                const int32_t *, size_t, size_t, double *);
  void (*answers)(const Gram &, const double *, size_t, const double *, size_t, size_t, double *);
};

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DELTASCOPE_MANY_PROCESSORS
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
namespace avx512 {
#define WIDTH 16
#define ROWS 4
#define COLUMNS 4
#include "loops.h"
#undef WIDTH
#undef ROWS
#undef COLUMNS
}  // namespace avx512
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
#define WIDTH 8
#define ROWS 4
#define COLUMNS 2
#include "loops.h"
#undef WIDTH
#undef ROWS
#undef COLUMNS
}  // namespace avx2
#pragma GCC pop_options
#endif

namespace any {
#define WIDTH 4
#define ROWS 4
#define COLUMNS 2
#include "loops.h"
#undef WIDTH
#undef ROWS
#undef COLUMNS
}  // namespace any

static const Loops &ChosenLoops() {
#ifdef DELTASCOPE_MANY_PROCESSORS
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    return avx512::kLoops;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kLoops;
#endif
  return any::kLoops;
}

}  // namespace deltascope

#include "stored-piece.h"
#include "stored-worker.h"
#include "stored-units.h"
#include "read-job.h"

namespace deltascope {

// A call on its way: the arrays are held until it is done.
struct Call {
  std::vector<Job> jobs;
  size_t threads;
  const int32_t *stopped = nullptr;
  int failed = 0;
  napi_ref held = nullptr, held_flag = nullptr;
  napi_deferred promise = nullptr;
  napi_async_work work = nullptr;
};

}  // namespace deltascope

static void Execute(napi_env, void *data) {
  auto *const call = static_cast<deltascope::Call *>(data);
  call->failed = deltascope::MultiplyAll(call->jobs, call->threads, call->stopped);
}

static void Complete(napi_env env, napi_status, void *data) {
  auto *const call = static_cast<deltascope::Call *>(data);
  napi_value result;
  napi_create_int32(env, call->failed, &result);
  napi_resolve_deferred(env, call->promise, result);
  napi_delete_async_work(env, call->work);
  napi_delete_reference(env, call->held);
  napi_delete_reference(env, call->held_flag);
  delete call;
}

napi_value MultiplyStored(napi_env env, napi_callback_info info) {
  size_t argc = 3, length = 0;
  napi_value args[3], name, promise;
  void *stopped = nullptr;
  napi_typedarray_type type;
  uint32_t count = 0;
  double threads = 1;
  napi_get_cb_info(env, info, &argc, args, nullptr, nullptr);
  auto *const call = new deltascope::Call;
  bool fits = argc == 3 && napi_get_array_length(env, args[0], &count) == napi_ok &&
              napi_get_value_double(env, args[1], &threads) == napi_ok &&
              napi_get_typedarray_info(env, args[2], &type, &length, &stopped, nullptr, nullptr) ==
                  napi_ok &&
              type == napi_int32_array && length > 0;
  call->stopped = static_cast<const int32_t *>(stopped);
  call->jobs.resize(count);
  for (uint32_t i = 0; i < count && fits; i++) {
    napi_value job;
    fits = napi_get_element(env, args[0], i, &job) == napi_ok &&
           deltascope::ReadJob(env, job, call->jobs[i]);
  }
  if (!fits) {
    delete call;
    napi_throw_error(env, nullptr, "multiplyStored() was given arrays that don't fit its jobs.");
    return nullptr;
  }
  call->threads = static_cast<size_t>(std::max(1.0, std::min(threads, 64.0)));
  napi_create_reference(env, args[0], 1, &call->held);
  napi_create_reference(env, args[2], 1, &call->held_flag);
  napi_create_promise(env, &call->promise, &promise);
  napi_create_string_utf8(env, "multiplyStored", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, nullptr, name, Execute, Complete, call, &call->work);
  napi_queue_async_work(env, call->work);
  return promise;
}
