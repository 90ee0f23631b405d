import type { array, enumOf, Foreign, i16, i32, Sized, tail, u32, u8, utf8 } from "@shmgen/schema";

/** `/var/log/wtmp` and `/run/utmp`: who logged in when, one record after the other. See utmp(5). */
export interface Wtmp extends Foreign {
  records: tail<LoginRecord>;
}

export type LoginType = enumOf<
  {
    empty: 0;
    runLevel: 1;
    bootTime: 2;
    newTime: 3;
    oldTime: 4;
    initProcess: 5;
    loginProcess: 6;
    userProcess: 7;
    deadProcess: 8;
    accounting: 9;
  },
  i16
>;

export interface LoginRecord extends Sized<384> {
  type: LoginType;
  pid: i32;
  /** Device without `/dev/`. */
  line: utf8<32>;
  id: utf8<4>;
  user: utf8<32>;
  host: utf8<256>;
  termination: i16;
  exit: i16;
  session: i32;
  /** Since 1970; 32 bits also on 64-bit machines. */
  seconds: u32;
  microseconds: i32;
  /** IPv4 in the first 4 bytes, or IPv6. */
  address: array<u8, 16>;
  unused: array<u8, 20>;
}
