/**
 * Texts that a hostile worker may write. Each grows with `size`, so that a test can show that a function takes linear
 * time. A bug of this kind adds its text here, and every reader is tested with it.
 */
export const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'unterminated OSC': (size) => '\u001b]'.repeat(size / 2),
  'one OSC that never ends': (size) => `\u001b]0;${'x'.repeat(size)}`,
  'unterminated DCS': (size) => '\u001bP'.repeat(size / 2),
  'unterminated APC': (size) => '\u001b_'.repeat(size / 2),
  'unterminated PM': (size) => '\u001b^'.repeat(size / 2),
  'unterminated SOS': (size) => '\u001bX'.repeat(size / 2),
  'unterminated links': (size) => '\u001b]8;;http://x'.repeat(size / 13),
  'unterminated CSI': (size) => '\u001b['.repeat(size / 2),
  'one CSI that never ends': (size) => `\u001b[${'1;'.repeat(size / 2)}`,
  'nested CSI': (size) => '\u001b[1;\u001b[2'.repeat(size / 7),
  'intermediates without end': (size) => `\u001b${' '.repeat(size)}`,
  'C1 strings': (size) => '\u009d\u0090\u009f'.repeat(size / 3),
  'C1 CSI': (size) => '\u009b1'.repeat(size / 2),
  'escapes alone': (size) => '\u001b'.repeat(size),
  'colours without end': (size) => '\u001b[31m'.repeat(size / 5),
  'colours of 256': (size) => '\u001b[38;5;9mx'.repeat(size / 10),
  bells: (size) => '\u0007'.repeat(size),
  'NUL bytes': (size) => '\u0000'.repeat(size),
  'carriage returns': (size) => '\r'.repeat(size),
  'carriage returns and blanks': (size) => ' \r'.repeat(size / 2),
  'line breaks': (size) => '\n'.repeat(size),
  'both line breaks': (size) => '\r\n'.repeat(size / 2),
  blanks: (size) => ' '.repeat(size),
  'blanks and a letter': (size) => `${' '.repeat(size)}x`,
  'blank lines and a letter': (size) => `${' \n'.repeat(size / 2)}x`,
  tabs: (size) => '\t'.repeat(size),
  'one long line': (size) => 'x'.repeat(size),
  'one long line of digits': (size) => '7'.repeat(size),
  'digits and dots': (size) => '1.'.repeat(size / 2),
  dots: (size) => `${'.'.repeat(size)}x`,
  'lone surrogates': (size) => '\ud800'.repeat(size),
  'surrogates the wrong way round': (size) => '\udc00\ud800'.repeat(size / 2),
  'replacement characters': (size) => '\ufffd'.repeat(size),
  'bidi overrides': (size) => '\u202e\u2066x'.repeat(size / 3),
  'zero-width characters': (size) => '\u200b\u200d\ufeff'.repeat(size / 3),
  'a tower of combining marks': (size) => `a${'\u0301'.repeat(size)}`,
  'wide characters': (size) => '漢'.repeat(size),
  'emoji joined': (size) => '👩‍'.repeat(size / 3),
  'deep lists of JSON': (size) => '['.repeat(size),
  'deep objects of JSON': (size) => '{"a":'.repeat(size / 5),
  'deep JSON that ends': (size) => `{"type":"result","a":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`,
  'wide JSON': (size) => `{"type":"x","a":[${'1,'.repeat(size / 2)}1]}`,
  'many keys of JSON': (size) =>
    `{"type":"x"${Array.from({ length: size / 10 }, (_, n) => `,"k${n}":1`).join('')}}`,
  'prototype keys of JSON': (size) =>
    '{"__proto__":{"type":"x"},"constructor":1,"type":"result"}\n'.repeat(size / 60),
  'a string of JSON that never ends': (size) => `{"type":"${'x'.repeat(size)}`,
  'backslashes of JSON': (size) => `{"type":"${'\\'.repeat(size)}`,
  'events of an agent': (size) => '{"type":"result","subtype":"success","result":"x"}\n'.repeat(size / 50),
  'pieces of an answer': (size) =>
    '{"type":"message","role":"assistant","content":"x","delta":true}\n'.repeat(size / 65),
  'an event of one long text': (size) =>
    `${JSON.stringify({ type: 'result', subtype: 'success', result: 'x '.repeat(size / 2), session_id: 's' })}\n`,
  'an event of blanks': (size) =>
    `${JSON.stringify({ type: 'assistant', message: { content: [{ type: 'text', text: `${' '.repeat(size)}x` }] } })}\n`,
  'a result of blank lines': (size) =>
    `${JSON.stringify({ type: 'user', message: { content: [{ type: 'tool_result', content: `a${'\n '.repeat(size / 2)}x` }] } })}\n`,
  'a tool error that never ends': (size) =>
    `${JSON.stringify({ type: 'user', message: { content: [{ type: 'tool_result', content: `<tool_use_error>${'</tool_use_error'.repeat(size / 16)}` }] } })}\n`,
  'a command of slashes': (size) =>
    `${JSON.stringify({ type: 'item.started', item: { type: 'command_execution', command: '/sh -c '.repeat(size / 8) } })}\n`,
  'huge numbers': (size) => `{"type":"result","num_turns":1${'0'.repeat(size)}}`,
  'a reset without end': (size) => `retry after ${'1 day, and '.repeat(size / 11)}`,
  'resets without a time': (size) => 'resets at jan 1, '.repeat(size / 17),
  'a reset of blanks': (size) => `resets at${' '.repeat(size)}x`,
  'a reset with many digits': (size) => `retry after ${'1'.repeat(size)}x`,
  'quotes of Markdown': (size) => '>'.repeat(size),
  'quotes of Markdown, line by line': (size) => `${'> '.repeat(20)}x\n`.repeat(size / 42),
  'a table of Markdown': (size) => `|a|\n|-|\n${'|x'.repeat(size / 2)}`,
  'a table of many rows': (size) => `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(size / 6)}`,
  'lists in lists': (size) => '- '.repeat(size / 2),
  'lists in lists, line by line': (size) =>
    Array.from({ length: Math.sqrt(size / 2) }, (_, n) => `${'  '.repeat(n)}- x\n`).join(''),
  'emphasis that is never closed': (size) => '*a **b '.repeat(size / 7),
  'emphasis in emphasis': (size) => `${'*_'.repeat(size / 4)}x${'_*'.repeat(size / 4)}`,
  brackets: (size) => '['.repeat(size),
  'brackets and parentheses': (size) => '[a]('.repeat(size / 4),
  'images in images': (size) => '!['.repeat(size / 2),
  'links in links': (size) => `${'['.repeat(size / 6)}x${'](y)'.repeat(size / 6)}`,
  'link references': (size) => '[a]: <'.repeat(size / 6),
  'link titles': (size) => `[a](b "${'\\"'.repeat(size / 2)}`,
  'code spans that are never closed': (size) => `${'`a``b'.repeat(size / 5)}`,
  backticks: (size) => '`'.repeat(size),
  'fences that are never closed': (size) => '```\n'.repeat(size / 4),
  tildes: (size) => '~~a~'.repeat(size / 4),
  underscores: (size) => '_'.repeat(size),
  'tags that are never closed': (size) => '<a '.repeat(size / 3),
  'tags in tags': (size) => '<b>'.repeat(size / 3),
  'comments that are never closed': (size) => '<!--'.repeat(size / 4),
  'processing instructions': (size) => '<?'.repeat(size / 2),
  entities: (size) => '&#x110000;&amp'.repeat(size / 14),
  ampersands: (size) => '&'.repeat(size),
  addresses: (size) => 'http://a.b/'.repeat(size / 11),
  'addresses of mail': (size) => `${'a.'.repeat(size / 2)}@`,
  'at signs': (size) => 'a@'.repeat(size / 2),
  'dots and at signs': (size) => `a@${'b.'.repeat(size / 2)}`,
  'lines under lines': (size) => 'a\n=\n'.repeat(size / 4),
  dashes: (size) => '- - '.repeat(size / 4),
  hashes: (size) => '#'.repeat(size),
  'a heading of hashes': (size) => `# ${'#'.repeat(size)} x`,
  'backslashes before everything': (size) => '\\*\\_'.repeat(size / 4),
  'a patch without end': (size) => `diff --git a/x b/x\n@@ -1,9 +1,9 @@\n${'+x\n'.repeat(size / 3)}`,
  'heads of a patch': (size) => 'diff --git a/x b/x\n'.repeat(size / 19),
  'hunks of a patch': (size) => '@@ -1 +1 @@\n'.repeat(size / 12),
  'quoted names of a patch': (size) => `diff --git "a/${'\\"'.repeat(size / 2)}`,
  'numbers and offsets': (size) => '1 1\n'.repeat(size / 4),
  'frames of a stack': (size) => '    at f (file.js:1:1)\n'.repeat(size / 23),
  'slashes and colons': (size) => '/:'.repeat(size / 2),
  'words that look like errors': (size) => 'error: '.repeat(size / 7),
  parentheses: (size) => '('.repeat(size),
  'fields of JSON that nearly match': (size) => '{"type":"message","delta":'.repeat(size / 26),
}

/** Bytes that are not text, in addition to the texts above. */
export const HOSTILE_BYTES: Readonly<Record<string, (size: number) => Uint8Array>> = {
  'invalid UTF-8': (size) => new Uint8Array(size).fill(0xff),
  'continuation bytes': (size) => new Uint8Array(size).fill(0x80),
  'characters that are cut short': (size) =>
    Uint8Array.from({ length: size }, (_, n) => (n % 2 === 0 ? 0xf0 : 0x9f)),
  zeros: (size) => new Uint8Array(size),
}

const LOOKS = 7
const TRIES = 6
/** The most that the time may grow for four times the text: linear is 4, quadratic 16. */
const MOST_GROWTH = 8
/** A larger text that takes less than this is not quadratic, even if a busy machine distorts so short a time. */
const FLOOR_MS = 20

/**
 * Times a function on a text and on one of four times the size. The shortest of several runs counts, and a measurement
 * that a busy machine may have distorted is repeated; a quadratic function never passes.
 *
 * @param size of the larger text; large enough for a quadratic function to take far longer than FLOOR_MS
 * @returns how many times longer the larger text takes
 */
function growth(run: (text: string) => unknown, make: (size: number) => string, size: number): number {
  const [small, large] = [make(size / 4), make(size)]
  let least = Infinity
  for (let tries = 0; tries < TRIES && least > MOST_GROWTH; tries++) {
    const long = shortest(() => run(large), FLOOR_MS)
    if (long < FLOOR_MS) return 1
    least = Math.min(least, long / shortest(() => run(small), 0))
  }
  return least
}

/** @param enough stop measuring after a run that takes less */
function shortest(run: () => unknown, enough: number): number {
  let best = Infinity
  for (let look = 0; look < LOOKS && best > enough; look++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** @returns the texts for which the function takes longer than it should, each with its growth */
export function grownBeyond(run: (text: string) => unknown, size: number): string[] {
  return Object.entries(HOSTILE).flatMap(([name, make]) => {
    const grown = growth(run, make, size)
    return grown > MOST_GROWTH ? [`${name}: ${grown.toFixed(1)}`] : []
  })
}
