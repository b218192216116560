;; The inner loops of an explanation: one multiply-add for every stored weight.
;; All pointers are byte offsets into the shared memory. Sums are taken in double precision.
(module
  (import "env" "memory" (memory 1 65536 shared))

  ;; Σ q[i] x[i] over f32 arrays.
  (func (export "dotF32") (param $q i32) (param $x i32) (param $n i32) (result f64)
    (local $end i32) (local $a v128) (local $b v128) (local $s0 v128) (local $s1 v128) (local $sum f64)
    (local.set $end (i32.add (local.get $x) (i32.shl (i32.and (local.get $n) (i32.const -4)) (i32.const 2))))
    (block $done (loop $four
      (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
      (local.set $a (v128.load (local.get $q)))
      (local.set $b (v128.load (local.get $x)))
      (local.set $s0 (f64x2.add (local.get $s0)
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $a)) (f64x2.promote_low_f32x4 (local.get $b)))))
      (local.set $a (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $a) (local.get $a)))
      (local.set $b (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $b) (local.get $b)))
      (local.set $s1 (f64x2.add (local.get $s1)
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $a)) (f64x2.promote_low_f32x4 (local.get $b)))))
      (local.set $q (i32.add (local.get $q) (i32.const 16)))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br $four)))
    (local.set $s0 (f64x2.add (local.get $s0) (local.get $s1)))
    (local.set $sum (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))
    (local.set $end (i32.add (local.get $end) (i32.shl (i32.and (local.get $n) (i32.const 3)) (i32.const 2))))
    (block $last (loop $one
      (br_if $last (i32.ge_u (local.get $x) (local.get $end)))
      (local.set $sum (f64.add (local.get $sum)
        (f64.mul (f64.promote_f32 (f32.load (local.get $q))) (f64.promote_f32 (f32.load (local.get $x))))))
      (local.set $q (i32.add (local.get $q) (i32.const 4)))
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (br $one)))
    (local.get $sum))

  ;; Σ over blocks of qs[b] xs[b] Σ q[i] x[i], with 8-bit x and a 16-bit query, both in blocks of
  ;; $block numbers (at most 512, so that the 32-bit lanes can't overflow) with f32 scales.
  (func (export "dotI8") (param $q i32) (param $qs i32) (param $x i32) (param $xs i32)
    (param $n i32) (param $block i32) (result f64)
    (local $left i32) (local $stop i32) (local $a v128) (local $s v128) (local $part f64) (local $sum f64)
    (block $done (loop $blocks
      (br_if $done (i32.le_s (local.get $n) (i32.const 0)))
      (local.set $left (select (local.get $block) (local.get $n) (i32.lt_s (local.get $block) (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (local.get $left)))
      (local.set $s (v128.const i32x4 0 0 0 0))
      (local.set $stop (i32.add (local.get $x) (i32.and (local.get $left) (i32.const -16))))
      (block $fine (loop $sixteen
        (br_if $fine (i32.ge_u (local.get $x) (local.get $stop)))
        (local.set $a (v128.load (local.get $x)))
        (local.set $s (i32x4.add (local.get $s)
          (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $a)) (v128.load (local.get $q)))))
        (local.set $s (i32x4.add (local.get $s)
          (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $a)) (v128.load offset=16 (local.get $q)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $q (i32.add (local.get $q) (i32.const 32)))
        (br $sixteen)))
      (local.set $part (f64.add
        (f64.add (f64.convert_i32_s (i32x4.extract_lane 0 (local.get $s))) (f64.convert_i32_s (i32x4.extract_lane 1 (local.get $s))))
        (f64.add (f64.convert_i32_s (i32x4.extract_lane 2 (local.get $s))) (f64.convert_i32_s (i32x4.extract_lane 3 (local.get $s))))))
      (local.set $stop (i32.add (local.get $stop) (i32.and (local.get $left) (i32.const 15))))
      (block $end (loop $one
        (br_if $end (i32.ge_u (local.get $x) (local.get $stop)))
        (local.set $part (f64.add (local.get $part) (f64.convert_i32_s
          (i32.mul (i32.load8_s (local.get $x)) (i32.load16_s (local.get $q))))))
        (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (local.set $q (i32.add (local.get $q) (i32.const 2)))
        (br $one)))
      (local.set $sum (f64.add (local.get $sum) (f64.mul (local.get $part)
        (f64.mul (f64.promote_f32 (f32.load (local.get $qs))) (f64.promote_f32 (f32.load (local.get $xs)))))))
      (local.set $qs (i32.add (local.get $qs) (i32.const 4)))
      (local.set $xs (i32.add (local.get $xs) (i32.const 4)))
      (br $blocks)))
    (local.get $sum))

  ;; v[j] = Σ_i f[i] G[i, j] for f32 G [rows, columns] and f64 f, v. Rows where f is 0 are skipped:
  ;; behind a ReLU they are many.
  (func (export "transposedTimes") (param $g i32) (param $f i32) (param $v i32)
    (param $rows i32) (param $columns i32)
    (local $a f64) (local $as v128) (local $to i32) (local $from i32) (local $stop i32) (local $x v128)
    (memory.fill (local.get $v) (i32.const 0) (i32.shl (local.get $columns) (i32.const 3)))
    (block $done (loop $row
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (local.set $a (f64.load (local.get $f)))
      (local.set $f (i32.add (local.get $f) (i32.const 8)))
      (local.set $from (local.get $g))
      (local.set $g (i32.add (local.get $g) (i32.shl (local.get $columns) (i32.const 2))))
      (br_if $row (f64.eq (local.get $a) (f64.const 0)))
      (local.set $as (f64x2.splat (local.get $a)))
      (local.set $to (local.get $v))
      (local.set $stop (i32.add (local.get $from) (i32.shl (i32.and (local.get $columns) (i32.const -4)) (i32.const 2))))
      (block $fine (loop $four
        (br_if $fine (i32.ge_u (local.get $from) (local.get $stop)))
        (local.set $x (v128.load (local.get $from)))
        (v128.store (local.get $to) (f64x2.add (v128.load (local.get $to))
          (f64x2.mul (local.get $as) (f64x2.promote_low_f32x4 (local.get $x)))))
        (local.set $x (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $x) (local.get $x)))
        (v128.store offset=16 (local.get $to) (f64x2.add (v128.load offset=16 (local.get $to))
          (f64x2.mul (local.get $as) (f64x2.promote_low_f32x4 (local.get $x)))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (br $four)))
      (block $end (loop $one
        (br_if $end (i32.ge_u (local.get $from) (local.get $g)))
        (f64.store (local.get $to) (f64.add (f64.load (local.get $to))
          (f64.mul (local.get $a) (f64.promote_f32 (f32.load (local.get $from))))))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (br $one)))
      (br $row)))))
