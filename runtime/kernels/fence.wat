;; Orders all loads and stores before it with all behind it, plain ones as well: `dmb ish` on arm64, `mfence` on x86-64. JavaScript has no
;; instruction for that: its atomic loads keep what follows them behind, and not what precedes them before.
(module
  (func (export "fence")
    (atomic.fence)))
