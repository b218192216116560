// What a thread does with a job's parts: it reads a piece into buffers that stay in its cache, widens it
// and multiplies it, so that a stored byte crosses the memory once. Included by products.cc behind
// stored-piece.h.
#pragma once

#include <algorithm>

namespace deltascope {

// Bytes that are read at a time, where rows are shorter: they stay in the second cache.
constexpr size_t kPiece = 256 * 1024;
// Numbers that are widened at a time: they stay in the first one.
constexpr size_t kSlab = 8 * 1024;
// Numbers that are widened at a time where single rows are long.
constexpr size_t kSpan = 512;
// Rows so many numbers longer than a power of two do not all lie in the same places of a cache.
constexpr size_t kAside = 16;
// Parts of a single row that are multiplied together.
constexpr size_t kTogether = 16;
// Numbers from which on a row in memory is multiplied by itself.
constexpr size_t kLongRow = 256;
// Vectors from which on a product is taken with the vectors side by side, without sums across them.
constexpr size_t kMany = 8;
// So many of them lie side by side, so that what is read of them lies in one stretch of memory.
constexpr size_t kBeside = 64;

// Channels whose rows of a query are formed at a time.
constexpr size_t kChannels = 64;

// What one thread claims at a time: one part, or a slice of the columns of several parts; of a query
// that is formed (`part`) a tap (`parts`) and some channels.
struct Unit {
  const Job *job;
  size_t part, parts;
  size_t from, to;
  double *partial;  // [parts, count], null where the results are written in place
};

class Worker {
 public:
  explicit Worker(const Loops &loops) : loops_(loops) {}

  // An errno, 0 where all went well, or -1 where a file has ended early.
  int Do(const Unit &unit) {
    switch (unit.job->kind) {
      case Kind::kProducts: return unit.partial ? Slice(unit) : Rows(*unit.job, unit.part);
      case Kind::kBilinear: return Bilinear(*unit.job, unit.part);
      case Kind::kNumbers: return Numbers(*unit.job, unit.part);
      case Kind::kPairs: return Pairs(*unit.job, unit.part);
      case Kind::kForm: return Form(unit);
      default: return Image(*unit.job, unit.part);
    }
  }

 private:
  // to[r, v] += x_r . q_v for rows of what was fetched and vectors q, which `turned` holds side by side
  // where they are many; numbers that were stored whole are multiplied in double precision.
  void Dots(const Stored &stored, const Piece &piece, size_t row, size_t rows, const float *q,
            const std::vector<float> &turned, size_t vectors, double *to) {
    const size_t columns = stored.columns, stride = Padded(columns), wide = Wide(turned, vectors);
    if (vectors == 1) {
      size_t r = 0;
      while (r < rows && piece.Dot(loops_, (row + r) * columns, columns, q, to + r)) r++;
      if (r == rows) return;
    }
    const float *const x = piece.Rows(loops_, row, rows, floats_);
    if (turned.empty()) DotsOf(stored)(x, stride, rows, q, stride, vectors, stride, to, wide);
    for (size_t first = 0; !turned.empty() && first < wide; first += kBeside) {
      const size_t width = std::min(kBeside, wide - first);
      loops_.times(x, stride, rows, turned.data() + first * columns, width, columns, width,
                   to + first, wide);
    }
  }

  auto DotsOf(const Stored &stored) const -> decltype(Loops::dots) {
    return stored.codec == Codec::kDense ? loops_.exact_dots : loops_.dots;
  }

  // X_p . q_k over a slice of the columns, of parts of a single row.
  int Slice(const Unit &unit) {
    const Job &job = *unit.job;
    const size_t length = unit.to - unit.from, together = job.count == 1 ? 1 : kTogether;
    for (size_t first = 0; first < unit.parts; first += together) {
      const size_t parts = std::min(together, unit.parts - first);
      double *const to = unit.partial + first * job.count;
      for (size_t p = 0; p < parts; p++) {
        const size_t part = unit.part + first + p;
        if (int failed = pieces_[p].Fetch(job.x, part, unit.from, unit.to)) return failed;
      }
      if (job.count == 1 &&
          pieces_[0].Dot(loops_, unit.from, length, job.left + unit.from, to))
        continue;
      if (floats_.size() < kTogether * (kSpan + kAside)) floats_.resize(kTogether * (kSpan + kAside));
      for (size_t at = unit.from; at < unit.to; at += kSpan) {
        const size_t n = std::min(kSpan, unit.to - at);
        for (size_t p = 0; p < parts; p++)
          pieces_[p].Widen(loops_, at, n, floats_.data() + p * (kSpan + kAside));
        DotsOf(job.x)(floats_.data(), kSpan + kAside, parts, job.left + at,
                      Padded(job.x.columns), job.count, Padded(n), to, job.count);
      }
    }
    return 0;
  }

  // X_p Q of a part of several rows.
  int Rows(const Job &job, size_t part) {
    const size_t wide = Wide(job.turned_left, job.count);
    double *const out = job.out + job.places[part];
    return Slabs(job, part, [&](size_t row, size_t count) {
      products_[0].assign(count * wide, 0.0);
      Dots(job.x, pieces_[0], row, count, job.left, job.turned_left, job.count,
           products_[0].data());
      for (size_t r = 0; r < count; r++)
        std::copy_n(products_[0].data() + r * wide, job.count, out + (row + r) * job.count);
    });
  }

  // Σ_i f_k[i] (x_i . z_k) of a part, as (f_k X) . z_k.
  int Bilinear(const Job &job, size_t part) {
    const size_t columns = job.x.columns, stride = Padded(columns);
    if (job.x.files == nullptr && stride == columns && columns >= kLongRow) return ByRows(job, part);
    sums_.assign(job.count * stride, 0.0);
    if (int failed = Times(job, part, sums_.data())) return failed;
    for (size_t k = 0; k < job.count; k++) {
      double sum = 0;
      for (size_t j = 0; j < columns; j++) sum += sums_[k * stride + j] * job.right[k * stride + j];
      job.out[job.places[part] + k] = sum;
    }
    return 0;
  }

  // The same of numbers in memory, row by row, and nothing read of a row that has no part in it: where
  // f has come through a ReLU they are many.
  int ByRows(const Job &job, size_t part) {
    const size_t columns = job.x.columns, rows = job.rows[part], group = job.count == 1 ? 1 : 4;
    const float *const f = job.left + (job.skipped ? job.skipped[part] : 0);
    double *const out = job.out + job.places[part];
    if (int failed = pieces_[0].Fetch(job.x, part, 0, rows * columns)) return failed;
    for (size_t row = 0; row < rows; row += group) {
      if (job.count == 1 && f[row] == 0) continue;
      const size_t count = std::min(group, rows - row);
      sums_.assign(count * job.count, 0.0);
      loops_.dots(pieces_[0].Rows(loops_, row, count, floats_), columns, count, job.right, columns,
                  job.count, columns, sums_.data(), job.count);
      for (size_t r = 0; r < count; r++)
        for (size_t k = 0; k < job.count; k++)
          out[k] += f[k * job.left_stride + row + r] * sums_[r * job.count + k];
    }
    return 0;
  }

  int Image(const Job &job, size_t part) { return Times(job, part, job.out + job.places[part]); }

  // The numbers of a part themselves, [rows, padded columns].
  int Numbers(const Job &job, size_t part) {
    const size_t stride = Padded(job.x.columns);
    return Slabs(job, part, [&](size_t row, size_t count) {
      const float *const x = pieces_[0].Rows(loops_, row, count, floats_);
      std::copy(x, x + count * stride, job.out + job.places[part] + row * stride);
    });
  }

  // to += P X for P [count, rows] and a part X, [count, padded columns].
  int Times(const Job &job, size_t part, double *to) {
    const size_t stride = Padded(job.x.columns);
    const float *const left = job.left + (job.skipped ? job.skipped[part] : 0);
    return Slabs(job, part, [&](size_t row, size_t count) {
      const float *const x = pieces_[0].Rows(loops_, row, count, floats_);
      loops_.times(left + row, job.left_stride, job.count, x, stride, count, stride, to, stride);
    });
  }

  // Of a pair of parts X and D, what each example's rows x and d say to each question: the sum over all
  // positions a and b of (Σ over the taps of x_{b + tap} . f_{a + tap}) (d_b . z_a).
  int Pairs(const Job &job, size_t part) {
    const Gram &gram = job.gram;
    const size_t examples = job.rows[part], most = LargestOf(job);
    for (size_t begin = 0; begin < examples; begin += most) {
      const size_t end = std::min(begin + most, examples);
      const size_t row = gram.pixels * job.x.columns, other = gram.positions * job.d.columns;
      if (int failed = pieces_[0].Fetch(job.x, part, begin * row, end * row)) return failed;
      if (int failed = pieces_[1].Fetch(job.d, part, begin * other, end * other)) return failed;
      const size_t slab = std::max<size_t>(1, 2 * kSlab / std::max(row, other));
      for (size_t first = begin; first < end; first += slab) {
        const size_t count = std::min(slab, end - first);
        Side(job.x, 0, first * gram.pixels, count * gram.pixels, job.left, job.turned_left,
             job.count * gram.pixels);
        Side(job.d, 1, first * gram.positions, count * gram.positions, job.right,
             job.turned_right, job.count * gram.positions);
        for (size_t i = 0; i < count; i++)
          Together(job, i, job.out + job.places[part] + first + i, examples);
      }
    }
    return 0;
  }

  // Examples whose rows are read at a time.
  static size_t LargestOf(const Job &job) {
    const size_t bytes = std::max(BytesOf(job.x.codec, job.gram.pixels * job.x.columns),
                                  BytesOf(job.d.codec, job.gram.positions * job.d.columns));
    return std::max<size_t>(1, kPiece / (bytes + 1));
  }

  // Products of rows of one side of a pair, [rows, wide], into products_[side].
  void Side(const Stored &stored, size_t side, size_t row, size_t rows, const float *vectors,
            const std::vector<float> &turned, size_t count) {
    products_[side].assign(rows * Wide(turned, count), 0.0);
    Dots(stored, pieces_[side], row, rows, vectors, turned, count, products_[side].data());
  }

  // One example's answers, a question `stride` numbers behind the one before.
  void Together(const Job &job, size_t example, double *out, size_t stride) {
    const Gram &gram = job.gram;
    const size_t count = job.count;
    const size_t wide_u = Wide(job.turned_left, count * gram.pixels);
    const size_t wide_v = Wide(job.turned_right, count * gram.positions);
    const double *const u = products_[0].data() + example * gram.pixels * wide_u;
    const double *const v = products_[1].data() + example * gram.positions * wide_v;
    sums_.assign(count, 0.0);
    loops_.answers(gram, u, wide_u, v, wide_v, count, sums_.data());
    for (size_t k = 0; k < count; k++) out[k * stride] = sums_[k];
  }

  // Rows of Q = Pᵀ Z: of a tap those of some channels, Σ over the positions of f under the tap times z.
  int Form(const Unit &unit) {
    const Job &job = *unit.job;
    const Gram &gram = job.gram;
    const size_t columns = job.x.columns, stride = Padded(columns), depth = gram.positions;
    const size_t rows = gram.taps.size() * job.channels + gram.bias, count = unit.to - unit.from;
    const bool is_bias = unit.parts == gram.taps.size();
    const float *const z = job.right + unit.part * depth * stride;
    sums_.assign(count * stride, 0.0);
    if (is_bias) {
      for (size_t i = 0; i < depth; i++)
        for (size_t j = 0; j < stride; j++) sums_[j] += z[i * stride + j];
    } else {
      const Gram::Tap &tap = gram.taps[unit.parts];
      loops_.outer(job.left + unit.part * gram.pixels * job.channels + unit.from, job.channels,
                   tap.pixels.data(), count, z, stride, tap.positions.data(), stride,
                   tap.positions.size(), sums_.data());
    }
    float *const made = job.made + unit.part * Padded(rows * columns) +
                        (unit.parts * job.channels + unit.from) * columns;
    for (size_t r = 0; r < count; r++)
      for (size_t j = 0; j < columns; j++)
        made[r * columns + j] = static_cast<float>(sums_[r * stride + j]);
    return 0;
  }

  // Numbers from one row of products to the next.
  static size_t Wide(const std::vector<float> &turned, size_t vectors) {
    return turned.empty() ? vectors : Padded(vectors);
  }

  // Fetches a part's rows, some at a time.
  template <class Take>
  int Slabs(const Job &job, size_t part, Take take) {
    const size_t rows = job.rows[part], columns = job.x.columns;
    // Numbers in memory need no room of their own.
    const size_t fitting = job.x.files ? std::max<size_t>(4, kSlab / Padded(columns)) : 64;
    const size_t slab = std::min<size_t>(64, fitting);
    const size_t piece =
        std::max<size_t>(1, kPiece / (BytesOf(job.x.codec, columns) + 1) / slab) * slab;
    for (size_t begin = 0; begin < rows; begin += piece) {
      const size_t end = std::min(begin + piece, rows);
      if (int failed = pieces_[0].Fetch(job.x, part, begin * columns, end * columns)) return failed;
      for (size_t row = begin; row < end; row += slab) {
        const size_t count = std::min(slab, end - row);
        take(row, count);
      }
    }
    return 0;
  }

  const Loops &loops_;
  Piece pieces_[kTogether];
  std::vector<float> floats_;
  std::vector<double> sums_, products_[2];
};

}  // namespace deltascope
