;; The chains of a map: looked through, and one value copied, in one call, since a look alone takes less than three calls. Places are bytes
;; in the region's memory, of keys and copies bytes in private memory, multiples of 8; beyond either memory every access is a trap.
;; $entries is one $stride before the first entry, because entries count from 1.
;; A module of two memories, which Node has since 22: map-apart.wat does the same for Node 20.
(module
  (import "region" "memory" (memory $region 1 65536 shared))
  (import "private" "memory" (memory $private 1 65536))

  ;; Whether $entry, which lies at $at, has this hash and the key at $key.
  (func $same (param $at i32) (param $hash i32) (param $key i32) (param $size i32) (result i32)
    (local $end i32)
    (if (i32.ne (i32.atomic.load $region offset=4 (local.get $at)) (local.get $hash)) (then (return (i32.const 0))))
    (local.set $end (i32.add (local.get $key) (local.get $size)))
    (loop $next
      (if (i64.ne (i64.atomic.load $region offset=32 (local.get $at)) (i64.load $private (local.get $key))) (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $key (i32.add (local.get $key) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $key) (local.get $end))))
    (i32.const 1))

  ;; Copies the value of a key to $to. Gives until when it holds, 0 for ever; -1: there is none; -2: entries were taken out meanwhile, so
  ;; that all of it may be wrong; -3: the chain is damaged. At most $most entries are looked at.
  (func (export "get")
    (param $bucket i32) (param $hash i32) (param $key i32) (param $keySize i32) (param $entries i32) (param $stride i32)
    (param $most i32) (param $value i32) (param $size i32) (param $to i32) (result f64)
    (local $stamp i32) (local $entry i32) (local $at i32) (local $left i32) (local $from i32) (local $end i32) (local $result f64)
    ;; Step read.stamp
    (local.set $stamp (i32.atomic.load $region offset=4 (local.get $bucket)))
    (local.set $at (local.get $bucket))
    (local.set $left (local.get $most))
    (local.set $result (f64.const -1))
    (block $done
      (loop $next
        ;; Steps read.head read.next
        (local.set $entry (i32.atomic.load $region (local.get $at)))
        (br_if $done (i32.eqz (local.get $entry)))
        (if (i32.or (i32.gt_u (local.get $entry) (local.get $most)) (i32.eqz (local.get $left)))
          (then
            (local.set $result (f64.const -3))
            (br $done)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $at (i32.add (local.get $entries) (i32.mul (local.get $entry) (local.get $stride))))
        ;; Step read.key
        (br_if $next
          (i32.eqz (call $same (local.get $at) (local.get $hash) (local.get $key) (local.get $keySize))))
        ;; Step read.copy
        (local.set $result (f64.convert_i64_u (i64.atomic.load $region offset=24 (local.get $at))))
        (local.set $from (i32.add (local.get $at) (local.get $value)))
        (local.set $end (i32.add (local.get $from) (local.get $size)))
        (block $copied
          (loop $more
            (br_if $copied (i32.gt_u (i32.add (local.get $from) (i32.const 64)) (local.get $end)))
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
            (br $more)))
        (block $copied
          (loop $more
            (br_if $copied (i32.ge_u (local.get $from) (local.get $end)))
            (i64.store $private (local.get $to) (i64.atomic.load $region (local.get $from)))
            (local.set $to (i32.add (local.get $to) (i32.const 8)))
            (local.set $from (i32.add (local.get $from) (i32.const 8)))
            (br $more)))))
    ;; Step read.stampAgain
    (if (result f64) (i32.eq (i32.atomic.load $region offset=4 (local.get $bucket)) (local.get $stamp))
      (then (local.get $result))
      (else (f64.const -2))))

  ;; For who has the lock: the place of the word that names the entry of a key; 0: there is none; -1: the chain is damaged.
  (func (export "find")
    (param $bucket i32) (param $hash i32) (param $key i32) (param $keySize i32) (param $entries i32) (param $stride i32)
    (param $most i32) (result i32)
    (local $entry i32) (local $link i32) (local $left i32)
    (local.set $link (local.get $bucket))
    (local.set $left (local.get $most))
    (loop $next
      (local.set $entry (i32.atomic.load $region (local.get $link)))
      (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
      (if (i32.or (i32.gt_u (local.get $entry) (local.get $most)) (i32.eqz (local.get $left)))
        (then (return (i32.const -1))))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (if (call $same
          (i32.add (local.get $entries) (i32.mul (local.get $entry) (local.get $stride)))
          (local.get $hash) (local.get $key) (local.get $keySize))
        (then (return (local.get $link))))
      (local.set $link (i32.add (local.get $entries) (i32.mul (local.get $entry) (local.get $stride))))
      (br $next))
    (unreachable)))
