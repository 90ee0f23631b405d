;; Slots of a pool, given out and taken back in one call each, where JavaScript makes eight calls of Atomics. This is the way where nothing
;; is in the way: nobody has the lock, nobody has died, a slot is free. For everything else JavaScript goes the long way, with the same steps.
;; $pool and $entries are bytes in the region's memory, multiples of 4; beyond it every access is a trap. Words as in
;; schema/containers/slot-pool.ts; those of the list are plain, as in runtime/containers/parts/free-list.ts.
(module
  (import "region" "memory" (memory 1 65536 shared))

  ;; Takes the lock: 0 when it is ours and the list is whole; -1 when it is not ours; -2 when it is, and the list has to be made anew.
  (func $take (param $pool i32) (param $me i32) (result i32)
    ;; Step lock.take
    (if (i32.atomic.rmw.cmpxchg (local.get $pool) (i32.const 0) (local.get $me)) (then (return (i32.const -1))))
    ;; Step mend.losses
    (select (i32.const 0) (i32.const -2)
      (i32.eq (i32.atomic.load offset=4 (local.get $pool)) (i32.load offset=8 (local.get $pool)))))

  ;; Lets go of the lock if nobody sleeps. Whether somebody does, and it is ours still.
  (func $release (param $pool i32) (param $me i32) (result i32)
    ;; Step lock.release
    (i32.ne (i32.atomic.rmw.cmpxchg (local.get $pool) (local.get $me) (i32.const 0)) (local.get $me)))

  ;; Gives 2 * index of a slot that is ours now; 1 more when the lock is ours still, for whom somebody sleeps. -1: nothing was done, and
  ;; the lock is not ours; -2: nothing was done, and the lock is ours.
  (func (export "alloc") (param $pool i32) (param $me i32) (param $entries i32) (param $length i32) (result i32)
    (local $index i32) (local $entry i32) (local $isListed i32) (local $generation i32)
    (if (local.tee $index (call $take (local.get $pool) (local.get $me))) (then (return (local.get $index))))
    ;; Step list.first
    (local.set $index (i32.sub (i32.load offset=16 (local.get $pool)) (i32.const 1)))
    (local.set $isListed (i32.ne (local.get $index) (i32.const -1)))
    (if (i32.eqz (local.get $isListed)) (then (local.set $index (i32.load offset=12 (local.get $pool)))))
    (if (i32.ge_u (local.get $index) (local.get $length)) (then (return (i32.const -2))))
    (local.set $entry (i32.add (local.get $entries) (i32.shl (local.get $index) (i32.const 4))))
    (if (i32.atomic.load (local.get $entry)) (then (return (i32.const -2))))
    (if (local.get $isListed)
      ;; Step list.unlink
      (then (i32.store offset=16 (local.get $pool) (i32.load offset=8 (local.get $entry))))
      ;; Step list.fresh
      (else (i32.store offset=12 (local.get $pool) (i32.add (local.get $index) (i32.const 1)))))
    ;; Step alloc.raise. 0 is no generation.
    (local.set $generation (i32.add (i32.load offset=4 (local.get $entry)) (i32.const 1)))
    (i32.atomic.store offset=4 (local.get $entry)
      (select (local.get $generation) (i32.const 1) (local.get $generation)))
    ;; Step alloc.publish
    (i32.atomic.store (local.get $entry) (local.get $me))
    (i32.or (i32.shl (local.get $index) (i32.const 1)) (call $release (local.get $pool) (local.get $me))))

  ;; Gives 0 when the slot is free; 1 when it is, and the lock is ours still; 2 when it is, and somebody waits for one; -1 and -2 as above.
  (func (export "free")
    (param $pool i32) (param $me i32) (param $entries i32) (param $index i32) (param $generation i32) (result i32)
    (local $entry i32) (local $taken i32)
    (if (local.tee $taken (call $take (local.get $pool) (local.get $me))) (then (return (local.get $taken))))
    (local.set $entry (i32.add (local.get $entries) (i32.shl (local.get $index) (i32.const 4))))
    (if (i32.ne (i32.load offset=4 (local.get $entry)) (local.get $generation)) (then (return (i32.const -2))))
    ;; Step free.publish
    (if (i32.ne (i32.atomic.rmw.cmpxchg (local.get $entry) (local.get $me) (i32.const 0)) (local.get $me))
      (then (return (i32.const -2))))
    ;; Step list.link
    (i32.store offset=8 (local.get $entry) (i32.load offset=16 (local.get $pool)))
    ;; Step list.give
    (i32.store offset=16 (local.get $pool) (i32.add (local.get $index) (i32.const 1)))
    (if (call $release (local.get $pool) (local.get $me)) (then (return (i32.const 1))))
    ;; Step gate.look
    (select (i32.const 2) (i32.const 0) (i32.lt_s (i32.atomic.load offset=20 (local.get $pool)) (i32.const 0)))))
