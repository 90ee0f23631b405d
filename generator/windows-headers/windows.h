/*
 * Types that headers for Windows name, for `shmgen import --target ...-windows-...` on machines that have no headers of Windows: what they are in memory, and nothing
 * that could be called. Written from the documentation of Windows ("Windows Data Types").
 */
#ifndef SHMGEN_WINDOWS_H
#define SHMGEN_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#define MAX_PATH 260
#define TRUE 1
#define FALSE 0
#define VOID void
#define CONST const
#define WINAPI
#define CALLBACK
#define APIENTRY
#define FAR
#define NEAR
#define IN
#define OUT
#define ANYSIZE_ARRAY 1


typedef char CHAR, CCHAR;
typedef signed char INT8;
typedef unsigned char BYTE, UCHAR, BOOLEAN, UINT8;
typedef short SHORT, INT16;
typedef unsigned short WORD, USHORT, UINT16, ATOM, LANGID;
typedef int BOOL, INT, INT32, LONG32;
typedef unsigned int UINT, UINT32, ULONG32, DWORD32;
typedef long LONG, HRESULT, NTSTATUS;
typedef unsigned long DWORD, ULONG, COLORREF, LCID;
typedef long long LONGLONG, INT64, LONG64;
typedef unsigned long long ULONGLONG, UINT64, ULONG64, DWORD64, DWORDLONG, QWORD;
typedef float FLOAT;
typedef double DOUBLE;
typedef wchar_t WCHAR;
#ifdef UNICODE
typedef WCHAR TCHAR;
#else
typedef char TCHAR;
#endif

typedef intptr_t INT_PTR, LONG_PTR, SSIZE_T, LPARAM, LRESULT;
typedef uintptr_t UINT_PTR, ULONG_PTR, DWORD_PTR, SIZE_T, WPARAM;
typedef void *HANDLE, *PVOID, *LPVOID, *HWND, *HINSTANCE, *HMODULE, *HKEY, *HDC, *HGLOBAL, *HLOCAL;
typedef const void *LPCVOID;
typedef CHAR *PCHAR, *LPSTR, *PSTR;
typedef const CHAR *LPCSTR, *PCSTR;
typedef WCHAR *PWCHAR, *LPWSTR, *PWSTR;
typedef const WCHAR *LPCWSTR, *PCWSTR;
typedef TCHAR *LPTSTR;
typedef const TCHAR *LPCTSTR;
typedef BYTE *PBYTE, *LPBYTE;
typedef WORD *PWORD, *LPWORD;
typedef DWORD *PDWORD, *LPDWORD;
typedef LONG *PLONG, *LPLONG;
typedef BOOL *PBOOL, *LPBOOL;

typedef struct _GUID {
  DWORD Data1;
  WORD Data2;
  WORD Data3;
  BYTE Data4[8];
} GUID, IID, CLSID;

typedef struct _FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
} FILETIME;

typedef struct _SYSTEMTIME {
  WORD wYear;
  WORD wMonth;
  WORD wDayOfWeek;
  WORD wDay;
  WORD wHour;
  WORD wMinute;
  WORD wSecond;
  WORD wMilliseconds;
} SYSTEMTIME;

typedef union _LARGE_INTEGER {
  struct {
    DWORD LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER;

typedef union _ULARGE_INTEGER {
  struct {
    DWORD LowPart;
    DWORD HighPart;
  } u;
  ULONGLONG QuadPart;
} ULARGE_INTEGER;

typedef struct tagPOINT {
  LONG x;
  LONG y;
} POINT;

typedef struct tagSIZE {
  LONG cx;
  LONG cy;
} SIZE;

typedef struct tagRECT {
  LONG left;
  LONG top;
  LONG right;
  LONG bottom;
} RECT;

#endif
