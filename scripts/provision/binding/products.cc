// Multiplies stored numbers where they are read: each thread reads a piece of a file into a buffer that
// stays in its cache, widens it to fp32 and multiplies it, so that a stored byte crosses the memory
// once. Nothing here knows of TensorFlow.

#pragma GCC optimize("O3", "fp-contract=fast")

#include "products.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace deltascope {

enum class Codec : int { kDense = 0, kInt8 = 1, kInt16 = 2, kInt4 = 3 };
enum class Kind : int { kProducts = 0, kBilinear = 1, kImage = 2, kNumbers = 3 };

struct Loops {
  void (*decode)(Codec, const void *, const float *, size_t, size_t, size_t, float *);
  void (*dots)(const float *, size_t, size_t, const float *, size_t, size_t, size_t, double *,
               size_t);
  void (*exact_dots)(const float *, size_t, size_t, const float *, size_t, size_t, size_t, double *,
                     size_t);
  void (*times)(const float *, size_t, size_t, const float *, size_t, size_t, size_t, double *,
                size_t);
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

// One layer's stored parts, and what they are multiplied by.
struct Job {
  Kind kind;
  Codec codec;
  size_t block;    // numbers that share a scale
  size_t columns;  // of every part
  size_t count;    // queries; rows of P
  size_t parts;
  const int32_t *files;    // descriptors; null where the numbers are in memory
  const double *values;    // where a part's numbers begin, bytes
  const double *scales;    // where its scales begin, bytes
  const int32_t *rows;     // of a part
  const int32_t *skipped;  // rows of f before a part's first
  const uint8_t *memory;
  const float *left;   // Q [count, padded columns], f [count, left_stride] or P [count, left_stride]
  const float *right;  // z [count, padded columns]
  size_t left_stride;
  std::vector<size_t> places;  // where a part's results begin
  double *out;
};

constexpr size_t Padded(size_t n) { return (n + 15) / 16 * 16; }
// Bytes before number n, or before the byte it has half of.
constexpr size_t BytesOf(Codec codec, size_t n) {
  return codec == Codec::kDense ? 4 * n : codec == Codec::kInt16 ? 2 * n
         : codec == Codec::kInt8 ? n : n / 2;
}

// Bytes that are read at a time, where rows are shorter: they stay in the second cache.
constexpr size_t kPiece = 256 * 1024;
// Numbers that are widened at a time: they stay in the first one.
constexpr size_t kSlab = 8 * 1024;
// Numbers of a query that are multiplied by one thread, in all queries together.
constexpr size_t kSlice = 64 * 1024;
// Numbers that are widened at a time where single rows are long.
constexpr size_t kSpan = 2048;

// What one thread claims at a time: one part, or a slice of the columns of several parts.
struct Unit {
  const Job *job;
  size_t part, parts;
  size_t from, to;
  double *partial;  // [parts, count], null where the results are written in place
};

// A thread's buffers.
class Worker {
 public:
  explicit Worker(const Loops &loops) : loops_(loops) {}

  // An errno, 0 where all went well, or -1 where a file has ended early.
  int Do(const Unit &unit) {
    switch (unit.job->kind) {
      case Kind::kProducts: return unit.partial ? Slice(unit) : Rows(*unit.job, unit.part);
      case Kind::kBilinear: return Bilinear(*unit.job, unit.part);
      case Kind::kNumbers: return Numbers(*unit.job, unit.part);
      default: return Image(*unit.job, unit.part);
    }
  }

 private:
  // The numbers from..to of a part, as fp32 at floats.
  int Fetch(const Job &job, size_t part, size_t from, size_t to) {
    const size_t skipped = BytesOf(job.codec, from);
    const size_t begin = static_cast<size_t>(job.values[part]) + skipped;
    if (job.files == nullptr) {
      at_ = job.memory + begin;
      return 0;
    }
    const size_t bytes = BytesOf(job.codec, job.codec == Codec::kInt4 ? to + 1 : to) - skipped;
    if (raw_.size() < bytes) raw_.resize(bytes);
    at_ = raw_.data();
    if (int failed = Read(job.files[part], raw_.data(), bytes, begin)) return failed;
    if (job.codec == Codec::kDense) return 0;
    const size_t first = from / job.block, last = (to + job.block - 1) / job.block;
    if (scales_.size() < last - first) scales_.resize(last - first);
    return Read(job.files[part], reinterpret_cast<uint8_t *>(scales_.data()),
                (last - first) * sizeof(float),
                static_cast<size_t>(job.scales[part]) + first * sizeof(float));
  }

  static int Read(int file, uint8_t *to, size_t bytes, size_t position) {
    while (bytes > 0) {
      const ssize_t got = pread(file, to, bytes, static_cast<off_t>(position));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno;
      if (got == 0) return -1;
      to += got, bytes -= got, position += got;
    }
    return 0;
  }

  // Widens the numbers at, ..., at + n of what was fetched from `from` on.
  void Widen(const Job &job, size_t from, size_t at, size_t n, float *to) const {
    const float *scales =
        job.codec == Codec::kDense ? nullptr : scales_.data() + (at / job.block - from / job.block);
    const uint8_t *const x = at_ + (BytesOf(job.codec, at) - BytesOf(job.codec, from));
    loops_.decode(job.codec, x, scales, job.block, at, n, to);
    for (size_t i = n; i < Padded(n); i++) to[i] = 0;
  }

  float *Floats(size_t n) {
    if (floats_.size() < n) floats_.resize(n);
    return floats_.data();
  }

  void Dots(const Job &job, const float *x, size_t stride, size_t rows, const float *q, size_t n,
            double *to, size_t to_stride) const {
    const auto dots = job.codec == Codec::kDense ? loops_.exact_dots : loops_.dots;
    dots(x, stride, rows, q, Padded(job.columns), job.count, n, to, to_stride);
  }

  // X_p . q_k over a slice of the columns, of parts of a single row.
  int Slice(const Unit &unit) {
    const Job &job = *unit.job;
    float *const floats = Floats(Padded(kSpan));
    for (size_t p = 0; p < unit.parts; p++) {
      if (int failed = Fetch(job, unit.part + p, unit.from, unit.to)) return failed;
      for (size_t at = unit.from; at < unit.to; at += kSpan) {
        const size_t n = std::min(kSpan, unit.to - at);
        Widen(job, unit.from, at, n, floats);
        Dots(job, floats, 0, 1, job.left + at, Padded(n), unit.partial + p * job.count, job.count);
      }
    }
    return 0;
  }

  // X_p Q of a part of several rows.
  int Rows(const Job &job, size_t part) {
    const size_t stride = Padded(job.columns);
    return Slabs(job, part, [&](size_t row, size_t count, const float *x) {
      Dots(job, x, stride, count, job.left, stride, job.out + job.places[part] + row * job.count,
           job.count);
    });
  }

  // Σ_i f_k[i] (x_i . z_k) of a part, as (f_k X) . z_k.
  int Bilinear(const Job &job, size_t part) {
    const size_t stride = Padded(job.columns);
    sums_.assign(job.count * stride, 0.0);
    if (int failed = Times(job, part, sums_.data())) return failed;
    for (size_t k = 0; k < job.count; k++) {
      double sum = 0;
      for (size_t j = 0; j < job.columns; j++) sum += sums_[k * stride + j] * job.right[k * stride + j];
      job.out[job.places[part] + k] = sum;
    }
    return 0;
  }

  int Image(const Job &job, size_t part) { return Times(job, part, job.out + job.places[part]); }

  // The numbers of a part themselves, [rows, padded columns].
  int Numbers(const Job &job, size_t part) {
    const size_t stride = Padded(job.columns);
    return Slabs(job, part, [&](size_t row, size_t count, const float *x) {
      std::copy(x, x + count * stride, job.out + job.places[part] + row * stride);
    });
  }

  // to += P X for P [count, rows] and a part X, [count, padded columns].
  int Times(const Job &job, size_t part, double *to) {
    const size_t stride = Padded(job.columns);
    const float *const left = job.left + (job.skipped ? job.skipped[part] : 0);
    return Slabs(job, part, [&](size_t row, size_t count, const float *x) {
      loops_.times(left + row, job.left_stride, job.count, x, stride, count, stride, to, stride);
    });
  }

  // Hands out a part's rows, widened and padded, some at a time.
  template <class Take>
  int Slabs(const Job &job, size_t part, Take take) {
    const size_t rows = job.rows[part], columns = job.columns;
    const size_t slab = std::min<size_t>(64, std::max<size_t>(4, kSlab / Padded(columns)));
    const size_t piece = std::max<size_t>(1, kPiece / (BytesOf(job.codec, columns) + 1) / slab) * slab;
    for (size_t begin = 0; begin < rows; begin += piece) {
      const size_t end = std::min(begin + piece, rows);
      if (int failed = Fetch(job, part, begin * columns, end * columns)) return failed;
      for (size_t row = begin; row < end; row += slab) {
        const size_t count = std::min(slab, end - row);
        take(row, count, Widened(job, begin * columns, row, count));
      }
    }
    return 0;
  }

  // Rows of what was fetched from `from` on, widened and padded.
  const float *Widened(const Job &job, size_t from, size_t row, size_t rows) {
    const size_t columns = job.columns, stride = Padded(columns);
    float *const floats = Floats(rows * stride);
    if (stride == columns) {
      Widen(job, from, row * columns, rows * columns, floats);
    } else {
      for (size_t r = 0; r < rows; r++)
        Widen(job, from, (row + r) * columns, columns, floats + r * stride);
    }
    return floats;
  }

  const Loops &loops_;
  const uint8_t *at_ = nullptr;
  std::vector<uint8_t> raw_;
  std::vector<float> scales_, floats_;
  std::vector<double> sums_;
};

static bool IsSliced(const Job &job) {
  if (job.kind != Kind::kProducts) return false;
  for (size_t p = 0; p < job.parts; p++)
    if (job.rows[p] != 1) return false;
  return true;
}

// Whole blocks and whole vectors.
static size_t SliceOf(const Job &job) {
  const size_t unit = std::max<size_t>(16, job.block), wanted = kSlice / job.count;
  return std::max<size_t>(1, std::max<size_t>(4096, wanted) / unit) * unit;
}

// Does all jobs; an errno, 0 where all went well, -1 where a file has ended early, or -2 once `stopped`
// is no longer 0.
static int MultiplyAll(const std::vector<Job> &jobs, size_t threads, const int32_t *stopped) {
  std::vector<Unit> units;
  std::vector<std::vector<double>> partials;
  for (const Job &job : jobs) {
    if (!IsSliced(job)) {
      for (size_t p = 0; p < job.parts; p++) units.push_back({&job, p, 1, 0, 0, nullptr});
      continue;
    }
    const size_t slice = SliceOf(job), together = std::max<size_t>(4, job.parts / threads / 2);
    for (size_t from = 0; from < job.columns; from += slice) {
      for (size_t part = 0; part < job.parts; part += together) {
        const size_t parts = std::min(together, job.parts - part);
        partials.emplace_back(parts * job.count, 0.0);
        units.push_back({&job, part, parts, from, std::min(job.columns, from + slice),
                         partials.back().data()});
      }
    }
  }
  std::atomic<size_t> next{0};
  std::atomic<int> failed{0};
  const Loops &loops = ChosenLoops();
  const auto work = [&] {
    Worker worker(loops);
    for (size_t at; failed == 0 && (at = next++) < units.size();) {
      const bool goes_on = __atomic_load_n(stopped, __ATOMIC_RELAXED) == 0;
      if (int why = goes_on ? worker.Do(units[at]) : -2) failed = why;
    }
  };
  std::vector<std::thread> others;
  for (size_t t = 1; t < std::min(threads, units.size()); t++) others.emplace_back(work);
  work();
  for (auto &other : others) other.join();
  // In a fixed order, so that a sum is the same however the threads took turns.
  for (const Unit &unit : units) {
    for (size_t i = 0; unit.partial && i < unit.parts * unit.job->count; i++)
      unit.job->out[unit.part * unit.job->count + i] += unit.partial[i];
  }
  return failed;
}

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

static napi_value Property(napi_env env, napi_value object, const char *name) {
  napi_value value = nullptr;
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

// False where an array is missing or too short for what is asked.
static bool ReadJob(napi_env env, napi_value object, Job &job) {
  const size_t kind = NumberOf(env, object, "kind"), codec = NumberOf(env, object, "codec");
  if (kind > 3 || codec > 3) return false;
  job.kind = static_cast<Kind>(kind);
  job.codec = static_cast<Codec>(codec);
  job.block = std::max<size_t>(1, NumberOf(env, object, "block"));
  job.columns = NumberOf(env, object, "columns");
  job.count = NumberOf(env, object, "count");
  size_t files, values, scales, skipped, memory, left, right, out;
  job.rows = ArrayOf<int32_t>(env, object, "rows", napi_int32_array, &job.parts);
  job.files = ArrayOf<int32_t>(env, object, "files", napi_int32_array, &files);
  job.values = ArrayOf<double>(env, object, "values", napi_float64_array, &values);
  job.scales = ArrayOf<double>(env, object, "scales", napi_float64_array, &scales);
  job.skipped = ArrayOf<int32_t>(env, object, "skipped", napi_int32_array, &skipped);
  job.memory = ArrayOf<uint8_t>(env, object, "memory", napi_float32_array, &memory);
  job.left = ArrayOf<float>(env, object, "left", napi_float32_array, &left);
  job.right = ArrayOf<float>(env, object, "right", napi_float32_array, &right);
  job.out = ArrayOf<double>(env, object, "out", napi_float64_array, &out);
  const size_t stride = Padded(job.columns);
  if (job.columns == 0 || job.count == 0 || values != job.parts) return false;
  if (job.files ? files != job.parts : job.codec != Codec::kDense) return false;
  if (job.codec != Codec::kDense && scales != job.parts) return false;
  job.left_stride = job.kind == Kind::kProducts ? stride : left / job.count;
  if (left < job.left_stride * job.count) return false;
  if (job.kind == Kind::kBilinear && right < stride * job.count) return false;
  size_t place = 0;
  for (size_t p = 0; p < job.parts; p++) {
    const size_t rows = job.rows[p], before = skipped == job.parts ? job.skipped[p] : 0;
    const bool has_left = job.kind == Kind::kBilinear || job.kind == Kind::kImage;
    if (has_left && before + rows > job.left_stride) return false;
    if (!job.files && job.values[p] / 4 + rows * job.columns > memory) return false;
    job.places.push_back(place);
    place += job.kind == Kind::kProducts ? rows * job.count
             : job.kind == Kind::kBilinear ? job.count
             : job.kind == Kind::kImage    ? job.count * stride
                                           : rows * stride;
  }
  return out == place;
}

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
