// Numbers of a stored array, read from its file and widened to fp32. Included by products.cc behind
// stored-job.h.
#pragma once

#include <unistd.h>

#include <cerrno>

namespace deltascope {

// Reads all of them; an errno, 0 where all went well, or -1 where the file has ended early.
static int ReadFully(int file, void *to, size_t bytes, size_t position) {
  for (auto *at = static_cast<uint8_t *>(to); bytes > 0;) {
    const ssize_t got = pread(file, at, bytes, static_cast<off_t>(position));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return -1;
    at += got, bytes -= got, position += got;
  }
  return 0;
}

class Piece {
 public:
  // The numbers from, ..., to of a part; an errno, 0 or -1 as above.
  int Fetch(const Stored &stored, size_t part, size_t from, size_t to) {
    stored_ = &stored;
    from_ = from;
    const size_t skipped = BytesOf(stored.codec, from);
    const size_t begin = static_cast<size_t>(stored.values[part]) + skipped;
    if (stored.files == nullptr) {
      at_ = stored.memory + begin;
      return 0;
    }
    const size_t bytes =
        BytesOf(stored.codec, stored.codec == Codec::kInt4 ? to + 1 : to) - skipped;
    if (raw_.size() < bytes) raw_.resize(bytes);
    at_ = raw_.data();
    if (int failed = ReadFully(stored.files[part], raw_.data(), bytes, begin)) return failed;
    if (stored.codec == Codec::kDense) return 0;
    const size_t first = from / stored.block, last = (to + stored.block - 1) / stored.block;
    if (scales_.size() < last - first) scales_.resize(last - first);
    return ReadFully(stored.files[part], scales_.data(), (last - first) * sizeof(float),
                     static_cast<size_t>(stored.scales[part]) + first * sizeof(float));
  }

  // Widens the numbers at, ..., at + n of what was fetched, and pads them with zeros.
  void Widen(const Loops &loops, size_t at, size_t n, float *to) const {
    loops.decode(stored_->codec, At(at), ScalesAt(at), stored_->block, at, n, to);
    for (size_t i = n; i < Padded(n); i++) to[i] = 0;
  }

  // Adds these numbers times q to a sum; false where they have to be widened first.
  bool Dot(const Loops &loops, size_t at, size_t n, const float *q, double *sum) const {
    return loops.dot(stored_->codec, At(at), ScalesAt(at), stored_->block, at, n, q, sum);
  }

  // Rows of what was fetched, widened and padded: in `room`, or where they lie.
  const float *Rows(const Loops &loops, size_t row, size_t rows, std::vector<float> &room) const {
    const size_t columns = stored_->columns, stride = Padded(columns);
    if (stride == columns && stored_->codec == Codec::kDense)
      return reinterpret_cast<const float *>(at_) + (row * columns - from_);
    if (room.size() < rows * stride) room.resize(rows * stride);
    if (stride == columns) {
      Widen(loops, row * columns, rows * columns, room.data());
    } else {
      for (size_t r = 0; r < rows; r++)
        Widen(loops, (row + r) * columns, columns, room.data() + r * stride);
    }
    return room.data();
  }

 private:
  const uint8_t *At(size_t at) const {
    return at_ + (BytesOf(stored_->codec, at) - BytesOf(stored_->codec, from_));
  }
  const float *ScalesAt(size_t at) const {
    if (stored_->codec == Codec::kDense) return nullptr;
    return scales_.data() + (at / stored_->block - from_ / stored_->block);
  }

  const Stored *stored_ = nullptr;
  size_t from_ = 0;
  const uint8_t *at_ = nullptr;
  std::vector<uint8_t> raw_;
  std::vector<float> scales_;
};

}  // namespace deltascope
