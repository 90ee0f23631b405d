/* What stands for headers of the C library that structs need for `wchar_t`, `size_t` and `time_t` alone. */
#ifndef SHMGEN_TYPES_H
#define SHMGEN_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef long long time_t;
typedef long long __time64_t;

#ifdef __cplusplus
namespace std {
using ::int8_t; using ::int16_t; using ::int32_t; using ::int64_t;
using ::uint8_t; using ::uint16_t; using ::uint32_t; using ::uint64_t;
using ::intptr_t; using ::uintptr_t; using ::size_t; using ::ptrdiff_t;
}
#endif

#endif
