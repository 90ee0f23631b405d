;; Private memory of a thread, for the words that cells-apart.wat hands over. Places are bytes, multiples of 8, and beyond the memory a
;; trap.
(module
  (import "private" "memory" (memory 1 65536))

  (func (export "put") (param $to i32) (param $word i64)
    (i64.store (local.get $to) (local.get $word)))

  (func (export "put8")
    (param $to i32)
    (param $a i64) (param $b i64) (param $c i64) (param $d i64) (param $e i64) (param $f i64) (param $g i64) (param $h i64)
    (i64.store (local.get $to) (local.get $a))
    (i64.store offset=8 (local.get $to) (local.get $b))
    (i64.store offset=16 (local.get $to) (local.get $c))
    (i64.store offset=24 (local.get $to) (local.get $d))
    (i64.store offset=32 (local.get $to) (local.get $e))
    (i64.store offset=40 (local.get $to) (local.get $f))
    (i64.store offset=48 (local.get $to) (local.get $g))
    (i64.store offset=56 (local.get $to) (local.get $h)))

  (func (export "get") (param $from i32) (result i64)
    (i64.load (local.get $from))))
