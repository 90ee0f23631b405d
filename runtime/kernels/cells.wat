;; Values of containers, to private memory and back, in atomic words of 8 bytes. Places are bytes in the region's memory, multiples of 8
;; but for the sequence's; beyond either memory every access is a trap. A module of two memories, which Node has since 22:
;; cells-apart.wat does the same for Node 20.
(module
  (import "region" "memory" (memory $region 1 65536 shared))
  (import "private" "memory" (memory $private 1 65536))

  ;; Copies the cell that the sequence says, at $even or $stride behind it, to $to in private memory. Gives the sequence, or -1 when it
  ;; changed meanwhile: as f64, which JavaScript has without a call.
  (func (export "load")
    (param $sequence i32) (param $even i32) (param $stride i32) (param $size i32) (param $to i32) (result f64)
    (local $before i32) (local $from i32) (local $end i32)
    ;; Step read.sequence
    (local.set $before (i32.atomic.load $region (local.get $sequence)))
    (local.set $from
      (i32.add (local.get $even) (i32.mul (i32.and (local.get $before) (i32.const 1)) (local.get $stride))))
    (local.set $end (i32.add (local.get $from) (local.get $size)))
    ;; Step read.copy
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $from) (i32.const 64)) (local.get $end)))
        (i64.store $private (local.get $to) (i64.atomic.load $region (local.get $from)))
        (i64.store $private offset=8 (local.get $to) (i64.atomic.load $region offset=8 (local.get $from)))
        (i64.store $private offset=16 (local.get $to) (i64.atomic.load $region offset=16 (local.get $from)))
        (i64.store $private offset=24 (local.get $to) (i64.atomic.load $region offset=24 (local.get $from)))
        (i64.store $private offset=32 (local.get $to) (i64.atomic.load $region offset=32 (local.get $from)))
        (i64.store $private offset=40 (local.get $to) (i64.atomic.load $region offset=40 (local.get $from)))
        (i64.store $private offset=48 (local.get $to) (i64.atomic.load $region offset=48 (local.get $from)))
        (i64.store $private offset=56 (local.get $to) (i64.atomic.load $region offset=56 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (i64.store $private (local.get $to) (i64.atomic.load $region (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))
    ;; Step read.sequenceAgain
    (if (result f64) (i32.eq (i32.atomic.load $region (local.get $sequence)) (local.get $before))
      (then (f64.convert_i32_u (local.get $before)))
      (else (f64.const -1))))

  ;; Step update.write: from $from in private memory to the cell at $to.
  (func (export "store") (param $to i32) (param $size i32) (param $from i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (i64.atomic.store $region (local.get $to) (i64.load $private (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next))))

  ;; Copies the value at $from to $to in private memory, if the stamp is $number before and after that: whether it was.
  (func (export "take")
    (param $stamp i32) (param $number f64) (param $from i32) (param $size i32) (param $to i32) (result i32)
    (local $expected i64) (local $end i32)
    (local.set $expected (i64.trunc_f64_s (local.get $number)))
    ;; Step read.stamp
    (if (i64.ne (i64.atomic.load $region (local.get $stamp)) (local.get $expected)) (then (return (i32.const 0))))
    (local.set $end (i32.add (local.get $from) (local.get $size)))
    ;; Step read.copy
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $from) (i32.const 64)) (local.get $end)))
        (i64.store $private (local.get $to) (i64.atomic.load $region (local.get $from)))
        (i64.store $private offset=8 (local.get $to) (i64.atomic.load $region offset=8 (local.get $from)))
        (i64.store $private offset=16 (local.get $to) (i64.atomic.load $region offset=16 (local.get $from)))
        (i64.store $private offset=24 (local.get $to) (i64.atomic.load $region offset=24 (local.get $from)))
        (i64.store $private offset=32 (local.get $to) (i64.atomic.load $region offset=32 (local.get $from)))
        (i64.store $private offset=40 (local.get $to) (i64.atomic.load $region offset=40 (local.get $from)))
        (i64.store $private offset=48 (local.get $to) (i64.atomic.load $region offset=48 (local.get $from)))
        (i64.store $private offset=56 (local.get $to) (i64.atomic.load $region offset=56 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (i64.store $private (local.get $to) (i64.atomic.load $region (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))
    ;; Step read.stampAgain
    (i64.eq (i64.atomic.load $region (local.get $stamp)) (local.get $expected)))

  ;; Publishes the value at $from in private memory: stamps the slot at $stamp, stores the value at $to, which is in it, and then the tail, which
  ;; becomes $number as the stamp did. Gives what the word of sleepers was.
  (func (export "publish")
    (param $stamp i32) (param $number f64) (param $to i32) (param $size i32) (param $from i32)
    (param $tail i32) (param $sleepers i32) (result i32)
    (local $value i64) (local $end i32) (local $sleeps i32)
    (local.set $value (i64.trunc_f64_s (local.get $number)))
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    ;; Step publish.stamp
    (i64.atomic.store $region (local.get $stamp) (local.get $value))
    ;; Step publish.write
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (i64.atomic.store $region (local.get $to) (i64.load $private (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))
    ;; Step publish.lookForSleepers
    (local.set $sleeps (i32.atomic.load $region (local.get $sleepers)))
    ;; Step publish.disarm
    (if (local.get $sleeps) (then (i32.atomic.store $region (local.get $sleepers) (i32.const 0))))
    ;; Step publish.tail
    (i64.atomic.store $region (local.get $tail) (local.get $value))
    ;; Step publish.lookAgain
    (i32.or (local.get $sleeps) (i32.atomic.load $region (local.get $sleepers))))

  ;; A word of 64 bits, as f64, which JavaScript has without a call. Steps publish.readTail, read.tail
  (func (export "count") (param $at i32) (result f64)
    (f64.convert_i64_s (i64.atomic.load $region (local.get $at)))))
