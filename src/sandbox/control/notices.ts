/**
 * The results that the pages show after a form was submitted. The URL of a page contains the number of a result and not
 * its text, so that a link cannot make a page show arbitrary text.
 */
const MAX_KEPT = 100;

export interface Notices {
  /** Stores a result. @returns its number, as text */
  add(text: string): string;
  /** Undefined when no result has this number, or when it has been dropped. */
  find(number: string): string | undefined;
}

export function createNotices(): Notices {
  const kept = new Map<string, string>();
  let last = 0;
  return {
    add(text) {
      last += 1;
      kept.set(String(last), text);
      kept.delete(String(last - MAX_KEPT));
      return String(last);
    },
    find: (number) => kept.get(number),
  };
}
