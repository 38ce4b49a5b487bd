/**
 * The results that the pages show after a form was sent. A page is told the number of a result and not its text, so that a
 * link cannot make it show a text of its own.
 */
const MAX_KEPT = 100;

export interface Notices {
  /** Keeps a result; returns its number, as text. */
  add(text: string): string;
  /** Undefined when there is none with this number, or it is no longer kept. */
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
