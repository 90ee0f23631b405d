/** Identifiers of C: valid in C11 and C++17, deterministic, and each given to one thing only. */
import type { StructRole } from "../../ir/ir.js";

const KEYWORDS = `
  alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl
  concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do
  double dynamic_cast else enum explicit export extern false final float for friend goto if import inline int long module
  mutable namespace new noexcept noreturn not not_eq nullptr operator or or_eq override private protected public register
  reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch template
  this thread_local throw true try typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while
  xor xor_eq
`;

/** Macros that compilers predefine in their default mode, or that the headers of the C library define. */
const MACROS = `
  linux unix i386 NULL EOF BUFSIZ FILENAME_MAX FOPEN_MAX RAND_MAX EXIT_SUCCESS EXIT_FAILURE CLOCKS_PER_SEC errno assert
  offsetof stdin stdout stderr setjmp signal complex imaginary I noreturn major minor makedev INFINITY NAN HUGE_VAL
  st_atime st_mtime st_ctime d_fileno h_addr h_errno math_errhandling s6_addr s6_addr16 s6_addr32 sa_handler sa_sigaction
  sched_priority sigev_notify_function sigev_notify_attributes
`;

/** Functions and types of the C library that a declaration of ours would clash with, or that compilers know by name. */
const LIBRARY = `
  std main abort abs acos asin atan atan2 atexit atof atoi atol bcmp bcopy bsearch bzero calloc cabs ceil clock cos cosh
  ctime difftime div div_t erf exit exp exp2 fabs fclose feof fflush fgetc fgets FILE floor fma fmax fmin fmod fopen fork
  fprintf fputc fputs fread free frexp fscanf fseek ftell fwrite gamma getc getchar getenv gets gmtime hypot index
  isalnum isalpha isdigit j0 j1 jn labs ldexp ldiv lgamma link localtime log log10 log2 logb longjmp lseek malloc
  max_align_t memchr memcmp memcpy memmove memset mktime modf nan open pipe pow printf ptrdiff_t putc putchar puts qsort
  raise rand read realloc remainder remove rename rewind rindex rint round scalb scanf select send setbuf sigaction sin
  sinh size_t sleep socket sprintf sqrt srand sscanf stat strcat strchr strcmp strcpy strlen strncpy strstr strtol system
  tan tanh tgamma time tm trunc umask ungetc unlink va_list vfork vprintf wait write y0 y1 yn
  blkcnt_t blksize_t clock_t clockid_t dev_t double_t errno_t fd_set fenv_t fexcept_t float_t fpos_t gid_t id_t
  imaxdiv_t in_addr_t in_port_t ino_t jmp_buf key_t ldiv_t lldiv_t locale_t loff_t mbstate_t mode_t mqd_t nlink_t nullptr_t
  off_t pid_t pthread_t register_t regex_t regmatch_t regoff_t rsize_t sem_t sig_atomic_t siginfo_t sigset_t socklen_t ssize_t
  stack_t suseconds_t time_t timer_t uid_t useconds_t wctrans_t wctype_t wint_t
  mutex_lock pthread_cancel pthread_create pthread_detach pthread_equal pthread_exit pthread_join pthread_kill pthread_once
  pthread_self sem_close sem_destroy sem_getvalue sem_init sem_open sem_post sem_unlink sem_wait shm_open shm_unlink
`;

/** Parameters of the functions that are generated: in these a type of the same name could not be named. */
const PARAMETERS = /^(?:self|value|expected|region|index\d*)$/;

const words = (text: string): string[] => text.trim().split(/\s+/);
const RESERVED = new Set([...words(KEYWORDS), ...words(MACROS)]);
const RESERVED_AT_FILE_SCOPE = new Set(words(LIBRARY));
/** `uint8_t`, `INT32_MAX`, `UINT64_C` and the like. */
const STDINT =
  /^(?:u?int(?:_least|_fast)?(?:8|16|32|64|128)_t|u?int(?:ptr|max)_t|(?:U?INT(?:_LEAST|_FAST)?(?:8|16|32|64|MAX|PTR)?|SIZE|PTRDIFF|U?CHAR|S(?:CHAR|HRT)|U?SHRT|U?LONG|U?LLONG|WCHAR|WINT|SIG_ATOMIC|FLT|L?DBL|PATH|NAME)_(?:MAX|MIN|C)|(?:PRI|SCN)[a-zA-Z0-9]+)$/;

/** Members of `siginfo_t`, which POSIX systems reach through macros. */
const SIGINFO = /^si_[a-z_]+$/;

/** Letters, digits and underscores of ASCII; anything else by its code point, because compilers differ on it. */
function asciiName(name: string): string {
  const text = name
    .replaceAll(/[^A-Za-z0-9_$]/gu, (letter) => `u${(letter.codePointAt(0) as number).toString(16).toUpperCase()}`)
    .replaceAll("$", "_");
  return /^[0-9]/.test(text) ? `n${text}` : text;
}

/** A name for a struct member. Keywords and macros get a trailing underscore. */
export function memberName(name: string): string {
  const text = asciiName(name);
  return RESERVED.has(text) || STDINT.test(text) || SIGINFO.test(text) || /^_[A-Z_]/.test(text) ? `${text}_` : text;
}

/** A name for a type of the user's: as {@link memberName}, and not a name that the C library has given away. */
export function typeName(name: string): string {
  const text = memberName(name);
  return isTakenAtFileScope(text) || PARAMETERS.test(text) || /^shmgen_|^SHMGEN_/.test(text) ? `${text}_` : text;
}

/**
 * The name of a declaration's type. A container is `shmgen_` and its text, `shmgen_ring_Order_1024`: all headers that a program includes
 * have one of it.
 */
export function declaredName({ name, role }: { readonly name: string; readonly role?: StructRole }): string {
  if (role?.kind !== "container") return typeName(name);
  const parts = name.split(/[<>, .()]+/).filter((part) => part !== "");
  // A digit may begin a part: something always stands before it.
  return ["shmgen", ...parts.map((part) => asciiName(`_${part}`).slice(1))].join("_");
}

/** Whether C has given away a name that a type, function, constant or macro of a header would have. */
export function isTakenAtFileScope(name: string): boolean {
  return RESERVED.has(name) || RESERVED_AT_FILE_SCOPE.has(name) || STDINT.test(name) || SIGINFO.test(name);
}

/** Names in use in one scope. */
export class NameScope {
  readonly #taken: Set<string>;
  readonly #isGivenAway: (name: string) => boolean;

  /** `isGivenAway` is asked of names that are put together, which no list of the user's words can foresee: `size` and `_t`. */
  constructor(taken: Iterable<string> = [], isGivenAway: (name: string) => boolean = () => false) {
    this.#taken = new Set(taken);
    this.#isGivenAway = isGivenAway;
  }

  #isTaken(name: string): boolean {
    return this.#taken.has(name) || this.#isGivenAway(name);
  }

  /** `name`, with as many trailing underscores as make it unused; it is in use from now on. */
  claim(name: string): string {
    let free = name;
    while (this.#isTaken(free)) free += "_";
    this.#taken.add(free);
    return free;
  }

  /** `prefix`, with as many trailing underscores as make it unused with every one of `suffixes`. */
  claimAll(prefix: string, suffixes: readonly string[]): string {
    let free = prefix;
    while (suffixes.some((suffix) => this.#isTaken(free + suffix))) free += "_";
    for (const suffix of suffixes) this.#taken.add(free + suffix);
    return free;
  }

  /** All names in use. */
  names(): ReadonlySet<string> {
    return this.#taken;
  }
}
