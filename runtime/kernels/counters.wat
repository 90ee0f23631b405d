;; The counters of rings: each is stored by one side and loaded by the other. Places are bytes in the region's memory, multiples of 4;
;; beyond it every access is a trap.
(module
  (import "region" "memory" (memory 1 65536 shared))

  ;; Stores a counter, then gives the word in which the other side says that it sleeps. Steps push.publish, pop.release; wake.look
  (func (export "publish") (param $at i32) (param $counter i32) (param $sleeps i32) (result i32)
    (i32.atomic.store (local.get $at) (local.get $counter))
    (i32.atomic.load (local.get $sleeps)))

  ;; Steps push.rereadHead, pop.rereadTail
  (func (export "load") (param $at i32) (result i32)
    (i32.atomic.load (local.get $at))))
