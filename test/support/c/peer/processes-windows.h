/* The processes of serve.c on Windows: each peer is this program once more, `serve.exe ID`, and its commands come through a pipe. */
#ifndef PROCESSES_H
#define PROCESSES_H

static struct {
  HANDLE process; /* NULL for none */
  HANDLE thread;
  HANDLE commands;
  DWORD pid;
} peers[PEERS];

static HANDLE job;

static void put(const char *text, size_t length) {
  DWORD written = 0;
  if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, (DWORD)length, &written, NULL) || written != length) _exit(3);
}

/* Nobody of them outlives the server. */
static void serve_begins(void) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
  memset(&limits, 0, sizeof limits);
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  job = CreateJobObjectW(NULL, NULL);
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

static void peer_start(int id) {
  wchar_t program[MAX_PATH];
  wchar_t line[MAX_PATH + 32];
  STARTUPINFOW start;
  PROCESS_INFORMATION made;
  HANDLE reads;
  memset(&start, 0, sizeof start);
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
  start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  GetModuleFileNameW(NULL, program, MAX_PATH);
  swprintf(line, MAX_PATH + 32, L"\"%ls\" %d", program, id);
  if (!CreatePipe(&reads, &peers[id].commands, NULL, 1 << 16)) exit(4);
  SetHandleInformation(reads, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  start.hStdInput = reads;
  if (!CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &made)) exit(4);
  AssignProcessToJobObject(job, made.hProcess);
  CloseHandle(reads);
  peers[id].process = made.hProcess;
  peers[id].thread = made.hThread;
  peers[id].pid = made.dwProcessId;
}

static int peer_runs(int id) { return peers[id].process != NULL; }

static int peer_send(int id, const char *text, size_t length) {
  DWORD written = 0;
  return WriteFile(peers[id].commands, text, (DWORD)length, &written, NULL) != 0;
}

static void peer_kill(int id) { TerminateProcess(peers[id].process, 9); }

static HANDLE open_file(const char *name) {
  char path[2 * MAX_PATH];
  const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  snprintf(path, sizeof path, "%s\\%s", getenv("SHMGEN_DIR"), name);
  return CreateFileA(path, GENERIC_READ, share, NULL, OPEN_EXISTING, 0, NULL);
}

static void await_byte(HANDLE file, uint64_t byte) {
  while (shm_system_lock_byte((shm_region_file)file, byte, SHM_EXCLUSIVE) != 1) Sleep(1);
}

/*
 * Until the locks of a process that has ended are dropped, which Windows does some time later. It is asked by the lifecycle lock, and with
 * it by the locks of changes, which nobody who lives has then, and by the bytes that say who has a file.
 */
static void await_locks(DWORD pid) {
  const HANDLE lifecycle = open_file(".lock");
  char pattern[MAX_PATH];
  WIN32_FIND_DATAA found;
  if (lifecycle != INVALID_HANDLE_VALUE) await_byte(lifecycle, SHM_SYSTEM_LOCK);
  snprintf(pattern, sizeof pattern, "%s\\*", getenv("SHMGEN_DIR"));
  const HANDLE search = FindFirstFileA(pattern, &found);
  for (BOOL more = search != INVALID_HANDLE_VALUE; more; more = FindNextFileA(search, &found)) {
    const HANDLE file = open_file(found.cFileName);
    if (file == INVALID_HANDLE_VALUE) continue;
    await_byte(file, SHM_SYSTEM_CHANGE);
    await_byte(file, SHM_SYSTEM_OWNER + pid);
    CloseHandle(file);
  }
  if (search != INVALID_HANDLE_VALUE) FindClose(search);
  if (lifecycle != INVALID_HANDLE_VALUE) CloseHandle(lifecycle);
}

static void peer_reap(int id) {
  WaitForSingleObject(peers[id].process, INFINITE);
  await_locks(peers[id].pid);
  CloseHandle(peers[id].process);
  CloseHandle(peers[id].thread);
  CloseHandle(peers[id].commands);
  peers[id].process = NULL;
}

static void peer_stop(int id, int stops) {
  if (stops) SuspendThread(peers[id].thread);
  else ResumeThread(peers[id].thread);
}

/* As in a process that is being killed, whose handles are closed one after the other, `.lock` first. */
static void lose_lifecycle(const char *step) {
  for (uintptr_t number = 4; number < 4096; number += 4) {
    const HANDLE handle = (HANDLE)number;
    char path[MAX_PATH];
    if (GetFileType(handle) != FILE_TYPE_DISK) continue;
    const DWORD length = GetFinalPathNameByHandleA(handle, path, sizeof path, 0);
    if (length > 6 && length < sizeof path && strcmp(path + length - 6, "\\.lock") == 0) CloseHandle(handle);
  }
  hang(step);
}

static const char *mark_of(const char *name, DWORD pid) {
  const HANDLE file = open_file(name);
  const char *mark = "none";
  if (file == INVALID_HANDLE_VALUE) return "no file";
  if (shm_system_lock_byte((shm_region_file)file, SHM_SYSTEM_OWNER + pid, SHM_EXCLUSIVE) != 1) {
    mark = shm_system_lock_byte((shm_region_file)file, SHM_SYSTEM_OWNER + pid, SHM_SHARED) != 1 ? "exclusive" : "shared";
  }
  CloseHandle(file);
  return mark;
}

/* What only peers of this system can do. 0 for what is none of it. */
static int system_command(const char *line, char *text) {
  char name[LINE];
  unsigned long pid = 0;
  if (strcmp(line, "pid") == 0) {
    snprintf(text, LINE, "%lu", GetCurrentProcessId());
  } else if (sscanf(line, "await %lu", &pid) == 1) {
    const HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, pid);
    if (process != NULL) {
      WaitForSingleObject(process, INFINITE);
      CloseHandle(process);
    }
    await_locks(pid);
  } else if (sscanf(line, "lose %63s", armed.name) == 1) {
    armed.reached = lose_lifecycle;
  } else if (sscanf(line, "mark %511s %lu", name, &pid) == 2) {
    snprintf(text, LINE, "%s", mark_of(name, pid));
  } else {
    return 0;
  }
  return 1;
}

#endif
