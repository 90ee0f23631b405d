;; As cells.wat, for engines whose modules have one memory, as Node 20: each word goes to an instance over private memory
;; (private-words.wat).
(module
  (import "region" "memory" (memory 1 65536 shared))
  (import "private" "put" (func $put (param i32 i64)))
  (import "private" "put8" (func $put8 (param i32 i64 i64 i64 i64 i64 i64 i64 i64)))
  (import "private" "get" (func $get (param i32) (result i64)))

  ;; Copies the cell that the sequence says, at $even or $stride behind it, to $to in private memory. Gives the sequence, or -1 when it
  ;; changed meanwhile: as f64, which JavaScript has without a call.
  (func (export "load")
    (param $sequence i32) (param $even i32) (param $stride i32) (param $size i32) (param $to i32) (result f64)
    (local $before i32) (local $from i32) (local $end i32)
    ;; Step read.sequence
    (local.set $before (i32.atomic.load (local.get $sequence)))
    (local.set $from
      (i32.add (local.get $even) (i32.mul (i32.and (local.get $before) (i32.const 1)) (local.get $stride))))
    (local.set $end (i32.add (local.get $from) (local.get $size)))
    ;; Step read.copy
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $from) (i32.const 64)) (local.get $end)))
        (call $put8 (local.get $to)
          (i64.atomic.load (local.get $from))
          (i64.atomic.load offset=8 (local.get $from))
          (i64.atomic.load offset=16 (local.get $from))
          (i64.atomic.load offset=24 (local.get $from))
          (i64.atomic.load offset=32 (local.get $from))
          (i64.atomic.load offset=40 (local.get $from))
          (i64.atomic.load offset=48 (local.get $from))
          (i64.atomic.load offset=56 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (call $put (local.get $to) (i64.atomic.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))
    ;; Step read.sequenceAgain
    (if (result f64) (i32.eq (i32.atomic.load (local.get $sequence)) (local.get $before))
      (then (f64.convert_i32_u (local.get $before)))
      (else (f64.const -1))))

  ;; Step update.write: from $from in private memory to the cell at $to.
  (func (export "store") (param $to i32) (param $size i32) (param $from i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (i64.atomic.store (local.get $to) (call $get (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next))))

  ;; Copies the value at $from to $to in private memory, if the stamp is $number before and after that: whether it was.
  (func (export "take")
    (param $stamp i32) (param $number f64) (param $from i32) (param $size i32) (param $to i32) (result i32)
    (local $expected i64) (local $end i32)
    (local.set $expected (i64.trunc_f64_s (local.get $number)))
    ;; Step read.stamp
    (if (i64.ne (i64.atomic.load (local.get $stamp)) (local.get $expected)) (then (return (i32.const 0))))
    (local.set $end (i32.add (local.get $from) (local.get $size)))
    ;; Step read.copy
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $from) (i32.const 64)) (local.get $end)))
        (call $put8 (local.get $to)
          (i64.atomic.load (local.get $from))
          (i64.atomic.load offset=8 (local.get $from))
          (i64.atomic.load offset=16 (local.get $from))
          (i64.atomic.load offset=24 (local.get $from))
          (i64.atomic.load offset=32 (local.get $from))
          (i64.atomic.load offset=40 (local.get $from))
          (i64.atomic.load offset=48 (local.get $from))
          (i64.atomic.load offset=56 (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (call $put (local.get $to) (i64.atomic.load (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))
    ;; Step read.stampAgain
    (i64.eq (i64.atomic.load (local.get $stamp)) (local.get $expected)))

  ;; Publishes the value at $from in private memory: stamps the slot at $stamp, stores the value at $to, which is in it, and then the tail, which
  ;; becomes $number as the stamp did. Gives what the word of sleepers was.
  (func (export "publish")
    (param $stamp i32) (param $number f64) (param $to i32) (param $size i32) (param $from i32)
    (param $tail i32) (param $sleepers i32) (result i32)
    (local $value i64) (local $end i32) (local $sleeps i32)
    (local.set $value (i64.trunc_f64_s (local.get $number)))
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    ;; Step publish.stamp
    (i64.atomic.store (local.get $stamp) (local.get $value))
    ;; Step publish.write
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
        (i64.atomic.store (local.get $to) (call $get (local.get $from)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next)))
    ;; Step publish.lookForSleepers
    (local.set $sleeps (i32.atomic.load (local.get $sleepers)))
    ;; Step publish.disarm
    (if (local.get $sleeps) (then (i32.atomic.store (local.get $sleepers) (i32.const 0))))
    ;; Step publish.tail
    (i64.atomic.store (local.get $tail) (local.get $value))
    ;; Step publish.lookAgain
    (i32.or (local.get $sleeps) (i32.atomic.load (local.get $sleepers))))

  ;; A word of 64 bits, as f64, which JavaScript has without a call. Steps publish.readTail, read.tail
  (func (export "count") (param $at i32) (result f64)
    (f64.convert_i64_s (i64.atomic.load (local.get $at)))))
