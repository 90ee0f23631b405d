// SHM2036-expect-bytes.shm.ts:23:3 - error SHM2036: Field 'short' can never be "89504e47": it is bytes<8>.
// 23 |   short: expect<bytes<8>, "89 50 4e 47">;
//    |   ^^^^^
//   hint: write the 8 bytes as 16 hexadecimal digits: these are 4; or declare bytes<4>.
//
// SHM2036-expect-bytes.shm.ts:24:3 - error SHM2036: Field 'text' can never be "RIFF": it is bytes<4>.
// 24 |   text: expect<bytes<4>, "RIFF">;
//    |   ^^^^
//   hint: write the 4 bytes as 8 hexadecimal digits: "52494646" is this text; or declare utf8<4>, which is compared with text.
//
// SHM2036-expect-bytes.shm.ts:25:3 - error SHM2036: Field 'longer' can never be "RIFFS": it is bytes<4>.
// 25 |   longer: expect<bytes<4>, "RIFFS">;
//    |   ^^^^^^
//   hint: write the 4 bytes as 8 hexadecimal digits, with or without spaces between bytes; or declare utf8<5>, which is compared with text.
//
// SHM2036-expect-bytes.shm.ts:26:3 - error SHM2036: Field 'number' can never be 137: it is bytes<1>.
// 26 |   number: expect<bytes<1>, 0x89>;
//    |   ^^^^^^
//   hint: write the byte as 2 hexadecimal digits, in quotes.
import type { Foreign, bytes, expect } from "@shmgen/schema";

export interface Header extends Foreign {
  short: expect<bytes<8>, "89 50 4e 47">;
  text: expect<bytes<4>, "RIFF">;
  longer: expect<bytes<4>, "RIFFS">;
  number: expect<bytes<1>, 0x89>;
}
