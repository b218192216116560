// A job's work in units that threads claim. Included by products.cc behind stored-worker.h.
#pragma once

namespace deltascope {

// Numbers of the queries that one thread multiplies, in all queries together: they stay in the second
// cache. Of one query no more than a fourth, as what is read has to stay there too.
constexpr size_t kSlice = 256 * 1024, kFew = 4, kSliceOfMany = 4 * 1024;

static bool IsSliced(const Job &job) {
  if (job.kind != Kind::kProducts) return false;
  for (size_t p = 0; p < job.parts; p++)
    if (job.rows[p] != 1) return false;
  return true;
}

// [rows, padded columns] as [columns, padded rows], kBeside rows after the other.
static std::vector<float> Turned(const float *rows, size_t count, size_t columns) {
  const size_t stride = Padded(columns), wide = Padded(count);
  std::vector<float> turned(columns * wide, 0.0f);
  for (size_t r = 0; r < count; r++) {
    const size_t first = r / kBeside * kBeside, width = std::min(kBeside, wide - first);
    float *const to = turned.data() + first * columns + r - first;
    for (size_t c = 0; c < columns; c++) to[c * width] = rows[r * stride + c];
  }
  return turned;
}

// Puts a job's vectors side by side where they are many.
static void Turn(Job &job) {
  const bool pairs = job.kind == Kind::kPairs;
  if (!pairs && job.kind != Kind::kProducts) return;
  const size_t left = job.count * (pairs ? job.gram.pixels : 1);
  const size_t right = pairs ? job.count * job.gram.positions : 0;
  if (left >= kMany && job.x.codec != Codec::kDense)
    job.turned_left = Turned(job.left, left, job.x.columns);
  if (right >= kMany && job.d.codec != Codec::kDense)
    job.turned_right = Turned(job.right, right, job.d.columns);
}

// Whole blocks and whole vectors.
static size_t SliceOf(const Job &job) {
  const size_t unit = std::max<size_t>(16, job.x.block);
  const size_t wanted = std::max(kSliceOfMany, kSlice / std::max(kFew, job.count));
  return std::max<size_t>(1, wanted / unit) * unit;
}

// Parts that one thread takes: all of them, so that a slice of the queries is fetched once, unless there
// are too few slices for every thread.
static size_t TogetherOf(const Job &job, size_t slice, size_t threads) {
  if (job.x.columns / slice >= 2 * threads) return job.parts;
  const size_t share = (job.parts + threads - 1) / threads;
  return (share + kTogether - 1) / kTogether * kTogether;
}

// Queries to form, tap by tap and some channels at a time; behind the taps the bias.
static void AddFormed(const Job &job, std::vector<Unit> &units) {
  for (size_t k = 0; k < job.count; k++) {
    for (size_t tap = 0; tap < job.gram.taps.size(); tap++)
      for (size_t from = 0; from < job.channels; from += kChannels)
        units.push_back({&job, k, tap, from, std::min(job.channels, from + kChannels), nullptr});
    if (job.gram.bias) units.push_back({&job, k, job.gram.taps.size(), 0, 1, nullptr});
  }
}

// Does all jobs; an errno, 0 where all went well, -1 where a file has ended early, or -2 once `stopped`
// is no longer 0.
static int MultiplyAll(std::vector<Job> &jobs, size_t threads, const int32_t *stopped) {
  std::vector<Unit> units;
  std::vector<std::vector<double>> partials;
  for (Job &job : jobs) {
    if (job.kind == Kind::kForm) {
      AddFormed(job, units);
      continue;
    }
    if (!IsSliced(job)) {
      Turn(job);
      for (size_t p = 0; p < job.parts; p++) units.push_back({&job, p, 1, 0, 0, nullptr});
      continue;
    }
    const size_t slice = SliceOf(job), together = TogetherOf(job, slice, threads);
    for (size_t from = 0; from < job.x.columns; from += slice) {
      for (size_t part = 0; part < job.parts; part += together) {
        const size_t parts = std::min(together, job.parts - part);
        partials.emplace_back(parts * job.count, 0.0);
        units.push_back({&job, part, parts, from, std::min(job.x.columns, from + slice),
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

}  // namespace deltascope
