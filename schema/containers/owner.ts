/**
 * Words that say who has something: the number of a participant, and whether somebody sleeps until it is free. CONTAINERS: the robust
 * lock.
 *
 *   bits 0-15   owner: 0 free, 1..65534 a participant, 65535 abandoned
 *   bit 31      somebody sleeps, and has to be woken by who lets go
 */
export const OWNER = {
  free: 0,
  mask: 0xffff,
  abandoned: 0xffff,
  /** Participants that a region can have at most. */
  most: 0xfffe,
  sleepers: 0x8000_0000,
} as const;
