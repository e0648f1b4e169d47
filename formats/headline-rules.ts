/** How well a line of output explains a failure. */
export const WEIGHT = {
  /** Frames, counts, timings, hints: used only when there is nothing else. */
  noise: 0,
  /** Any other line. */
  plain: 1,
  /** Only says that something else failed: `make: *** [Makefile:2: all] Error 1`. */
  relay: 2,
  /** Contains a word of failure. */
  word: 3,
  /** Names what failed, or the error that the system returned. */
  telling: 4,
  /** States the failure itself. */
  cause: 5,
} as const
export type Weight = (typeof WEIGHT)[keyof typeof WEIGHT]

export interface Rule {
  pattern: RegExp
  weight: Weight
  /** The first of several in a row counts: a compiler's later errors follow from it. */
  first?: true
  /** The next line belongs to it. */
  join?: true
}

// Each pattern runs on one line of at most 600 characters, in linear time: repetitions are not nested, and a repetition
// that something must follow is bounded.

const { noise, relay, telling, cause } = WEIGHT

/** Class names of exceptions, with their packages. */
const EXCEPTION =
  /^(?:[A-Za-z_$][\w$]{0,80}(?:\.|::|\\)){0,12}(?:[A-Z][\w$]{0,80})?(?:Error|Exception|Failure|Fault|Timeout|Interrupt|Rejection|Expired)(?: \[\w{1,80}\])?(?::|\]|$)/

/** What languages write before the name of an exception. */
const BEFORE_EXCEPTION =
  /^(?:\[cause\]: \[?|Caused by: |(?:error: )?Uncaught (?:\(in promise\) )?|Unhandled (?:exception|rejection)[.:]? |Exception in thread "[^"]{0,200}" )/i

/** Lines that only say that a command failed. */
const RELAYS: readonly RegExp[] = [
  /^(?:g?make|ninja)(?:\[\d+\])?: (?:\*\*\* \[|build stopped)/,
  /^(?:collect2|clang(?:\+\+)?|ld): (?:error: )?(?:ld returned|linker command failed)/,
  /^error: (?:could not compile|aborting due to|test failed, to rerun|failed to push some refs|recipe .{0,200} failed|script .{0,200} exited with)/i,
  /^(?:error )?Command failed(?: with| \(exit|[:.]|$)/i,
  /^(?:ERR_PNPM_RECURSIVE_RUN_FIRST_FAIL|ELIFECYCLE|➤ YN0000:.*\bFailed with errors)\b/,
  /^(?:.{0,200}\b)?(?:exit(?:ed)?(?: with)?|returned non-zero exit)(?: status| code)? ?[:=]? ?\d{1,3}\b\.?$/i,
  /\b(?:returned non-zero exit status|exit(?:ed)? with (?:non-zero )?(?:code|status)|completed with exit code|did not complete successfully: exit code) ?:? ?\d/i,
  /^\[?(?:INFO|ERROR)?\]? ?(?:BUILD|Build) (?:FAILURE|FAILED)\b/,
  /^FAIL(?:\t|$)/,
  /^FAILED(?:$| \((?:failures|errors)|: )/,
  /^FAILURE: Build failed\b/,
  /^test result: FAILED\b/,
  /^✖ (?:\d+ problems?\b|failing tests)/,
  /^(?:Found|Failed!? ?-) ?.{0,40}\b\d+ (?:errors?|failures?)?/i,
  /^\[ERROR\] Tests run: /,
  /^(?:Aborted|Aborting|abort)\b/i,
  /\b(?:compilation aborted at|aborted due to compilation errors)\b/,
  /^Automatic merge failed\b/,
  /^-- Configuring incomplete\b/,
  /^tar: Error is not recoverable\b/,
  /^(?:There were failing tests|Tests? failed)\b/i,
  /^\[warn\] Code style issues/,
  /^Error occurred when (?:checking code style|running)/,
  /\bseems not to have exited (?:normally|cleanly)\b/,
  /^ERROR \S+$/,
  /^(?:\S{1,200}: )(?:line )?\d+: +\d+ Aborted\b/,
]

/** Lines that say nothing about the cause. */
const NOISE: readonly RegExp[] = [
  // Frames of JavaScript, Java, .NET, Python, Rust, Go, Ruby, PHP, Vitest.
  /^\s*at (?:async |new )?[\w$.<>[\]#/:]{1,300}(?: ?\(|:\d|$| \[)/,
  /^\s+at \S/,
  /^\s*\.{3} \d+ (?:more|common frames)/,
  /^\s+File "/,
  /^\s*\d+: (?:0x)?[\w<{]/,
  /^(?:goroutine \d+ \[|created by |\[signal )/,
  /^\t\S+\.go:\d+/,
  /^\w[\w./*()-]{0,200}\.[\w()*.]{1,100}\((?:0x[\w, .{}?]{0,200}|\.\.\.)?\)$/,
  /^\s+from \S{1,300}:\d+/,
  /^#\d+ /,
  /^\s+thrown in /,
  /^\s*❯ /,
  /^\s*stack backtrace:/,
  /^-{2,} ?(?:Native )?stack trace/i,
  // A code listing, and the marker that points into it.
  /^(?:\[error\])?\s{0,40}(?:>\s{0,8})?(?:\d{1,7}\s{0,8})?[|│](?: |$)/,
  /^\s*(?:>>> |throw err;|-->)/,
  // Counts, progress and times.
  /^\s*(?:Test Files|Tests?|Test Suites|Snapshots?|Start at|Duration|Time(?: Elapsed)?|Type Errors|Total time|Finished at|Ran all test suites|Passed|Failed)\s*:?\s+(?:no tests|\d|-)/i,
  /^\s{0,40}(?:[=[(!-]{1,100}\s{0,8})?\d+ (?:passed|failed|skipped|errors?|warnings?|tests?|examples?|runs|pending|passing|failing|flaky|interrupted|did not run|todo|total|Warning\(s\)|Error\(s\))\b/i,
  /^(?:Ran|Finished|Done|Completed|Took|Elapsed)(?: \d+ tests?)? (?:in|after|at)\b/i,
  /^(?:test result: )?ok\b/i,
  /^(?:PASS|PASSED)\b/,
  /^\s*(?:✓|✔|√|ℹ|⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏|↓|○)\s/,
  /^# (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms|Subtest:?) ?/,
  /^\s*(?:duration_ms|type|location|failureType|stack|name|operator|expected|actual):/,
  /^(?:real|user|sys)\s+\d/,
  /--:--:--|^\s{0,8}% Total /,
  /\d{1,3}%\s?[|[█▏#]|[█▏#=>]{3}[\] .|-]{0,60}\d{1,3}%/,
  // Advice of a tool, and its progress.
  /^\s*(?:= )?(?:hint|note|help|tip|info|notice|debug|verbose|trace|warn(?:ing)?)\b[:\]!]?(?: |$)/i,
  /^\[(?:info|warn(?:ing)?|debug|notice)\]/i,
  /^[^a-z]{0,60}\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?)\b/,
  /^\S{1,60}:\d+(?::\d+)?: (?:note|warning|remark): /,
  /^(?:See |For more |To see |To get |Re-?run |Run (?:with|`|'|npm|options)|Try |Please |Use -|Search |Require stack|Node\.js v|Some errors have|Some details|A complete log|Error Context:|compilation terminated|Traceback|During handling of|The above exception|Stack trace:?$|Stack Trace:|Error Message:$|\* (?:Try|Get more)|> Run with|If you |usage:|DEPRECATED)/i,
  /^(?:\[ERROR\] )(?:$|-> \[|To see the full|Re-run Maven|For more information|\[Help \d|COMPILATION ERROR|After correcting|Please refer|Failures: ?$|Errors: ?$|\s+symbol:|\s+location:)/,
  /^\s+(?:code|errno|syscall|address|port|path|requireStack|generatedMessage|status|statusText|diff|symbol|location)\s?: /,
  /^npm (?:error|ERR!)\s*(?:$|code |errno |syscall |path |dest |cwd |command|workspace |location |signal |A complete log|Lifecycle script|Test failed\.|Exit status|node -v|npm +-v|This is (?:probably )?not a problem)/,
  /^(?:> |\$ |\+{1,3} |- |@@ |diff --|index [0-9a-f]{7,}\.\.|Auto-merging )/,
  /^\s*(?:\+ actual - expected|- Expected|\+ Received|Error Context:)/,
  /^\w+: (?:Entering|Leaving) directory/,
]

/** Lines that state the failure. Tried in this order, before the words of failure. */
const CAUSES: readonly Rule[] = [
  { pattern: /\bpanicked at\b/, weight: cause, join: true },
  { pattern: /^(?:panic|fatal error|fatal): \S/, weight: cause },
  { pattern: /^--- FAIL: /, weight: cause, join: true },
  // With a location: from a compiler, a linter or a test.
  { pattern: /^\d+:\d+\s+error\s+\S/, weight: cause, first: true },
  { pattern: /^\S{1,300}?[:(]\d+(?:[:,]\d+)?\)?:? ?-? (?:fatal )?error\b/i, weight: cause, first: true },
  { pattern: /^\[ERROR\] \S{1,300}:\[\d+,\d+\] /, weight: cause, first: true },
  { pattern: /^(?:vet: )?\S{1,300}\.go:\d+:\d+: /, weight: cause, first: true },
  { pattern: /^error\[\w{1,20}\]: /, weight: cause, first: true },
  { pattern: /^\S{1,300}:\d+:\d+: [A-Z]{1,4}\d{2,5} /, weight: cause, first: true },
  { pattern: /^e: \S/, weight: cause, first: true },
  { pattern: /^(?:FAILED|ERROR) \S{1,300}(?:::\S{1,300})? - \S/, weight: cause, first: true },
  { pattern: /^E {2,}\S/, weight: cause, first: true },
  { pattern: /\bundefined (?:reference|symbol)|\bmultiple definition of\b/i, weight: cause, first: true },
  // Shells and the operating system.
  {
    pattern:
      /^\S{1,300}: (?:line )?\d+: .*(?:not found|unbound variable|syntax error.*|Permission denied|No such file or directory|cannot execute.*|Is a directory|\d+ (?:Killed|Segmentation fault|Bus error|Illegal instruction|Floating point exception).*)$/,
    weight: cause,
  },
  { pattern: /\b(?:command not found|syntax error|unbound variable)\b/i, weight: cause },
  {
    pattern:
      /^(?:Segmentation fault|Bus error|Illegal instruction|Floating point exception)\b|\bcore dumped\b|\bout of memory\b|\boom-kill/i,
    weight: cause,
  },
  { pattern: /^Killed\b/, weight: telling },
  { pattern: /^what\(\): {1,2}\S/, weight: cause },
  { pattern: /\bassertion\b.{0,400}\bfailed\b/i, weight: cause },
  { pattern: /^\S{1,200} \*\*\* (?!\[).*\bStop\.$/, weight: cause },
  // Tools.
  { pattern: /^(?:CONFLICT \(|! \[(?:remote )?rejected\])/, weight: cause },
  { pattern: /^(?:curl: \(\d+\)|ssh: |rsync error: )/, weight: cause },
  { pattern: /^CMake Error\b/, weight: cause },
  { pattern: /\bError response from daemon: /, weight: cause },
  { pattern: /^(?:Error from server|An error occurred)\b/, weight: cause },
  { pattern: /^(?:\[?API Error\b|✗ )/, weight: cause },
  { pattern: /^\*\* \(\w/, weight: cause },
  { pattern: / at \S{1,300} line \d+(?:, <\w+> (?:line|chunk) \d+)?\.$/, weight: cause },
  { pattern: /^\S{1,300}:\d+:in .*\([A-Z][\w:]{0,100}\)$/, weight: cause },
  { pattern: /^(?:PHP )?(?:(?:Recoverable )?Fatal|Parse|Compile) error:/i, weight: cause },
  { pattern: /^Failure\/Error: /, weight: cause },
  { pattern: /^(?:Error: )?expect\(/, weight: cause },
  { pattern: /\btime(?:d )?out (?:of|after|in) \d+ ?m?s\b/i, weight: cause },
  { pattern: /^ERR_PNPM_\w+\s+\S/, weight: cause },
  { pattern: /^➤ YN\d{4}: (?:│ )?.*(?:not found|doesn't|failed|error|can't)/i, weight: cause },
  { pattern: /^error (?!Command failed)[A-Z"']/, weight: cause },
  { pattern: /^npm (?:error|ERR!) \S/, weight: cause, first: true },
  { pattern: /^\[ERROR\] Failed to execute goal\b/, weight: telling },
  { pattern: /^ERROR: failed to (?:solve|build)\b/, weight: telling },
  { pattern: /^(?:\S{1,200}: )?(?:fatal )?error:(?: |$)/i, weight: cause },
  // Log levels.
  { pattern: /^[^a-z]{0,60}?\b(?:FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT|ERROR|ERR)\b/, weight: cause },
  { pattern: /^(?:\S{1,200}: )(?:ERROR|FATAL|PANIC): /, weight: cause },
  { pattern: /\blevel=(?:error|fatal|panic|critical)\b|^\[(?:error|fatal)\] /i, weight: cause },
  // Names of failed tests, and errors of the system.
  { pattern: /^● (?!Console)\S/, weight: telling, join: true },
  { pattern: /^(?:FAIL|✖|✘|✗|✕|×|not ok \d+|FAIL:|ERROR:) /, weight: telling },
  { pattern: /^\d+\) (?:\S.{0,200}(?: › | > |\.|:)|Failure:|Error:)/, weight: telling, join: true },
  {
    pattern:
      /(?::|failed:) (?:No such file or directory|Permission denied(?: \([\w,-]+\))?|Connection (?:refused|reset by peer|timed out)|Operation not permitted|Is a directory|Not a directory|File exists|Device or resource busy|Read-only file system|No space left on device|Disk quota exceeded|Too many open files|Argument list too long|Text file busy|Name or service not known|Temporary failure in name resolution|Host key verification failed|Network is unreachable|Broken pipe|Exec format error)\.?$/i,
    weight: telling,
  },
]

/** Words of failure. NO_FAILURE excludes those after a “no” or a zero. */
const WORDS =
  /\b(?:errors?|failed|failure|fails|fatal|panic|exception|cannot|can't|can’t|could not|couldn't|unable to|unrecognized|not recognized|not found|no such|denied|refused|timed? ?out|exceeded|invalid|missing|unexpected|undefined|aborted|killed|crashed|rejected|unauthori[sz]ed|forbidden|expired|does not exist|mismatch|out of (?:memory|space|range)|quota|rate limit|not allowed|unsupported|conflict)\b/i
const NO_FAILURE =
  /\b(?:0|no|without|zero)(?: new)? (?:errors?|failures?|failed|exceptions?|conflicts?)\b|\b(?:errors?|failures?|failed)[:=] ?0\b/i

/** A failure that was retried did not end the run. */
const RETRY = /\b(?:retry|retrying|retries|will try again)\b/i

/** Exceptions whose text says only that a command failed. */
const ONLY_A_COMMAND = /\breturned non-zero exit status\b/

/** @param line without colours; indentation matters */
export function ruleFor(line: string): Rule {
  const text = line.trim()
  if (!/[\p{L}\p{N}]/u.test(text)) return { pattern: NONE, weight: noise }
  if (RETRY.test(text)) return { pattern: NONE, weight: WEIGHT.plain }
  const of = (pattern: RegExp | undefined, weight: Weight) =>
    pattern === undefined ? null : { pattern, weight }
  const exception = EXCEPTION.test(text.replace(BEFORE_EXCEPTION, '')) ? EXCEPTION : undefined
  return (
    of(exception, ONLY_A_COMMAND.test(text) ? relay : cause) ??
    of(
      RELAYS.find((pattern) => pattern.test(text)),
      relay,
    ) ??
    of(
      NOISE.find((pattern) => pattern.test(line)),
      noise,
    ) ??
    CAUSES.find(({ pattern }) => pattern.test(text)) ??
    (WORDS.test(text) && !NO_FAILURE.test(text)
      ? { pattern: WORDS, weight: WEIGHT.word }
      : { pattern: NONE, weight: WEIGHT.plain })
  )
}

const NONE = /(?!)/
