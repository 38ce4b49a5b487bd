/**
 * The examples at the end of a command's help.
 */

/** @param lines commands without `pgw`; what follows two spaces and a `#` is an explanation */
export function examples(...lines: readonly string[]): string {
  return ['\nExamples:', ...lines.map((line) => `  $ pgw ${line}`)].join('\n');
}
