// Work that is cut into parts of its own, done by this thread and some that wait for it. Starting a
// thread takes longer than most of it. Included by tfjs_binding.cc; see binding-patch.mjs.

namespace deltascope {

class Helpers {
 public:
  // They live as long as the process: one that ends while they wait must not wait for them.
  static Helpers &Of() {
    static Helpers *const helpers = new Helpers();
    return *helpers;
  }

  // Does part 0 … parts − 1, each once; returns when all are done.
  void Do(size_t parts, const std::function<void(size_t)> &part) {
    // Another JavaScript thread may have them at work; then this one works alone.
    if (parts < 2 || count_ == 0 || !busy_.try_lock()) {
      for (size_t i = 0; i < parts; i++) part(i);
      return;
    }
    work_ = &part;
    parts_ = parts;
    next_ = 0;
    finished_ = 0;
    joined_.store(0, std::memory_order_release);
    {
      std::lock_guard<std::mutex> guard(mutex_);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    Take();
    // Whoever has joined ends soon; one that wakes up too late is not waited for.
    const uint32_t joined = joined_.fetch_or(kClosed, std::memory_order_acq_rel);
    for (int spin = 0; finished_.load(std::memory_order_acquire) < joined; spin++) {
      // Where cores are few it may be waiting for this one.
      if (spin < 1000) Pause();
      else std::this_thread::yield();
    }
    busy_.unlock();
  }

 private:
  Helpers() {
    const char *const asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int threads = asked ? std::atoi(asked) : 0;
    const size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const size_t wanted = threads > 0 ? std::min<size_t>(threads, cores) : cores;
    count_ = std::min<size_t>(wanted, 8) - 1;
    for (size_t i = 0; i < count_; i++) std::thread([this] { Wait(); }).detach();
  }

  static void Pause() {
#ifdef __x86_64__
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  void Take() {
    for (size_t i = next_.fetch_add(1); i < parts_; i = next_.fetch_add(1)) (*work_)(i);
  }

  // How often one that waits looks for work before it sleeps: some milliseconds, longer than the time between steps.
  static constexpr int kPauses = 200, kYields = 5000;

  void Wait() {
    for (uint64_t seen = 0;;) {
      // The next work of a step comes soon, and to be woken takes as long as some of it; whoever else wants
      // the core has it.
      for (int turn = 0; turn < kPauses + kYields; turn++) {
        if (round_.load(std::memory_order_acquire) != seen) break;
        if (turn < kPauses) Pause();
        else std::this_thread::yield();
      }
      {
        std::unique_lock<std::mutex> guard(mutex_);
        wake_.wait(guard, [&] { return round_.load(std::memory_order_acquire) != seen; });
        seen = round_;
      }
      if (joined_.fetch_add(1, std::memory_order_acq_rel) & kClosed) continue;
      Take();
      finished_.fetch_add(1, std::memory_order_release);
    }
  }

  size_t count_ = 0;
  std::mutex busy_, mutex_;
  std::condition_variable wake_;
  const std::function<void(size_t)> *work_ = nullptr;
  size_t parts_ = 0;
  std::atomic<size_t> next_{0};
  // How many have joined the round, and whether it takes no more; how many of them are done.
  static constexpr uint32_t kClosed = 1u << 31;
  std::atomic<uint32_t> joined_{kClosed}, finished_{0};
  std::atomic<uint64_t> round_{0};
};

inline void Together(size_t parts, const std::function<void(size_t)> &part) {
  Helpers::Of().Do(parts, part);
}

}  // namespace deltascope
