import { type Library, loadLibrary } from './native.ts'

/** A HANDLE, as a number: 0 or -1 where a call failed. */
export type Handle = number | bigint

/** Access rights, flags and results of the calls below (winnt.h, winbase.h). */
export const PROCESS_TERMINATE = 0x1
export const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
export const SYNCHRONIZE = 0x100000
export const JOB_OBJECT_QUERY = 0x4
export const WAIT_TIMEOUT = 258
export const INFINITE = 0xffffffff

/**
 * The calls of Windows that are used here, with their own names and parameters. Structures are buffers, in the layout
 * of 64-bit Windows; there is no 32-bit Runboard.
 */
function declareCalls(kernel: Library, ntdll: Library, advapi: Library) {
  return {
    OpenProcess: kernel('intptr __stdcall OpenProcess(uint32 access, int inherit, uint32 pid)'),
    CloseHandle: kernel('int __stdcall CloseHandle(intptr handle)'),
    GetLastError: kernel('uint32 __stdcall GetLastError()'),
    GetProcessTimes: kernel(
      'int __stdcall GetProcessTimes(intptr process, void *creation, void *exit, void *in_kernel, void *in_user)',
    ),
    WaitForSingleObject: kernel('uint32 __stdcall WaitForSingleObject(intptr handle, uint32 ms)'),
    TerminateProcess: kernel('int __stdcall TerminateProcess(intptr process, uint32 exit_code)'),
    GetExitCodeProcess: kernel('int __stdcall GetExitCodeProcess(intptr process, void *exit_code)'),
    QueryFullProcessImageNameW: kernel(
      'int __stdcall QueryFullProcessImageNameW(intptr process, uint32 flags, void *name, void *size)',
    ),
    K32GetProcessMemoryInfo: kernel(
      'int __stdcall K32GetProcessMemoryInfo(intptr process, void *counters, uint32 size)',
    ),
    CreateToolhelp32Snapshot: kernel('intptr __stdcall CreateToolhelp32Snapshot(uint32 flags, uint32 pid)'),
    Process32FirstW: kernel('int __stdcall Process32FirstW(intptr snapshot, void *entry)'),
    Process32NextW: kernel('int __stdcall Process32NextW(intptr snapshot, void *entry)'),
    CreateJobObjectW: kernel('intptr __stdcall CreateJobObjectW(void *security, str16 name)'),
    OpenJobObjectW: kernel('intptr __stdcall OpenJobObjectW(uint32 access, int inherit, str16 name)'),
    AssignProcessToJobObject: kernel('int __stdcall AssignProcessToJobObject(intptr job, intptr process)'),
    QueryInformationJobObject: kernel(
      'int __stdcall QueryInformationJobObject(intptr job, int kind, void *information, uint32 size, void *used)',
    ),
    GetStdHandle: kernel('intptr __stdcall GetStdHandle(uint32 which)'),
    SetHandleInformation: kernel(
      'int __stdcall SetHandleInformation(intptr handle, uint32 mask, uint32 flags)',
    ),
    CreateProcessW: kernel(
      'int __stdcall CreateProcessW(str16 program, void *command_line, void *security, void *thread_security, ' +
        'int inherit, uint32 flags, void *environment, str16 folder, void *startup, void *information)',
    ),
    ResumeThread: kernel('uint32 __stdcall ResumeThread(intptr thread)'),
    NtQueryInformationProcess: ntdll(
      'int32 __stdcall NtQueryInformationProcess(intptr process, int kind, void *information, uint32 size, void *used)',
    ),
    RegGetValueW: advapi(
      'int32 __stdcall RegGetValueW(intptr key, str16 path, str16 name, uint32 flags, void *type, void *data, void *size)',
    ),
  }
}

let calls: ReturnType<typeof declareCalls> | undefined

export function windowsCalls(): ReturnType<typeof declareCalls> {
  calls ??= declareCalls(loadLibrary('kernel32.dll'), loadLibrary('ntdll.dll'), loadLibrary('advapi32.dll'))
  return calls
}

/** Opens a process for the time of `use`. @returns null when there is no such process, or it may not be opened */
export function withProcess<T>(pid: number, access: number, use: (process: Handle) => T): T | null {
  const { CloseHandle, OpenProcess } = windowsCalls()
  const process = OpenProcess(access, 0, pid)
  if (Number(process) === 0) return null
  try {
    return use(process)
  } finally {
    CloseHandle(process)
  }
}

/**
 * @param process opened with PROCESS_QUERY_LIMITED_INFORMATION and SYNCHRONIZE
 * @returns when it was created, in units of 100 ns since 1601; null when it has ended and only open handles keep it
 */
export function creationTime(process: Handle): bigint | null {
  const { GetProcessTimes, WaitForSingleObject } = windowsCalls()
  const times = Buffer.alloc(32)
  const [creation, exit, inKernel, inUser] = [0, 8, 16, 24].map((at) => times.subarray(at, at + 8))
  if (GetProcessTimes(process, creation, exit, inKernel, inUser) === 0) return null
  return WaitForSingleObject(process, 0) === WAIT_TIMEOUT ? times.readBigUInt64LE(0) : null
}

/**
 * The name of the job that a keeper makes for its worker. It leads from the keeper to the processes of the run, in
 * whatever process that question is asked.
 *
 * @param startedKey the keeper's
 */
export function jobName(keeperPid: number, startedKey: string): string {
  return `Local\\runboard-keeper-${keeperPid}-${startedKey}`
}
