// SHM1009-names-of-c.shm.ts:68:9 - error SHM1009: Nothing named 'long' is declared or imported here.
// 68 |   size: long;
//    |         ^^^^
//   hint: long of C is i64 on Linux and macOS, and i32 on Windows: which of them depends on the program that writes.
//
// SHM1009-names-of-c.shm.ts:69:10 - error SHM1009: Nothing named 'f16' is declared or imported here.
// 69 |   ratio: f16;
//    |          ^^^
//   hint: there is no float of 16 bits: read it as u16, and make a number of its bits.
//
// SHM1009-names-of-c.shm.ts:70:10 - error SHM1009: Nothing named 'u48' is declared or imported here.
// 70 |   count: u48;
//    |          ^^^
//   hint: there is no integer of 48 bits: read its bytes, bytes<6>.
//
// SHM1009-names-of-c.shm.ts:71:9 - error SHM1009: Nothing named 'u12' is declared or imported here.
// 71 |   mode: u12;
//    |         ^^^
//   hint: there is no integer of 12 bits: write bits<{ value: 12 }, u16>, with what else lies in these bytes.
//
// SHM1009-names-of-c.shm.ts:72:10 - error SHM1009: Nothing named 'wchar_t' is declared or imported here.
// 72 |   title: wchar_t;
//    |          ^^^^^^^
//   hint: wchar_t of C has 2 bytes on Windows and 4 on Linux and macOS: text is utf16<N> there and utf32<N> here, a single one u16 or u32; which of them depends on the program that writes.
//
// SHM1009-names-of-c.shm.ts:73:15 - error SHM1009: Nothing named 'WCHAR' is declared or imported here.
// 73 |   name: array<WCHAR, 32>;
//    |               ^^^^^
//   hint: text in UTF-16 is utf16<N>, N units; a single unit u16.
//
// SHM1009-names-of-c.shm.ts:74:9 - error SHM1009: Nothing named 'TCHAR' is declared or imported here.
// 74 |   path: TCHAR;
//    |         ^^^^^
//   hint: TCHAR of Windows is utf16<N> in programs with UNICODE, and latin1<N> in western ones without.
//
// SHM1009-names-of-c.shm.ts:75:7 - error SHM1009: Nothing named 'DWORD' is declared or imported here.
// 75 |   id: DWORD;
//    |       ^^^^^
//   hint: did you mean 'u32'?
//
// SHM1009-names-of-c.shm.ts:76:10 - error SHM1009: Nothing named 'ULONG' is declared or imported here.
// 76 |   flags: ULONG;
//    |          ^^^^^
//   hint: did you mean 'u32'?
//
// SHM1009-names-of-c.shm.ts:77:10 - error SHM1009: Nothing named '__be16' is declared or imported here.
// 77 |   order: __be16;
//    |          ^^^^^^
//   hint: did you mean 'be<u16>'?
//
// SHM1009-names-of-c.shm.ts:78:11 - error SHM1009: Nothing named '__s32' is declared or imported here.
// 78 |   kernel: __s32;
//    |           ^^^^^
//   hint: did you mean 'i32'?
//
// SHM1009-names-of-c.shm.ts:79:11 - error SHM1009: Nothing named 'char' is declared or imported here.
// 79 |   letter: char;
//    |           ^^^^
//   hint: text is utf8<N>, or latin1<N> where programs of western Windows write it; a single byte u8 or i8.
//
// SHM1009-names-of-c.shm.ts:80:9 - error SHM1009: Nothing named 'UTF16' is declared or imported here.
// 80 |   text: UTF16;
//    |         ^^^^^
//   hint: did you mean 'utf16'?
import type { array } from "@shmgen/schema";

export interface Page {
  size: long;
  ratio: f16;
  count: u48;
  mode: u12;
  title: wchar_t;
  name: array<WCHAR, 32>;
  path: TCHAR;
  id: DWORD;
  flags: ULONG;
  order: __be16;
  kernel: __s32;
  letter: char;
  text: UTF16;
}
